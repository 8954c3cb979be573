import AccessPolicy
import KafkaWire
import Storage

// How much room partitions take (KIP-113), and how much the disk has (KIP-827). Versions 0-4.
//
// Right: to administer the cluster (the role operator). There is one log directory, and its path is nobody's business: it is
// told as "data". Before version 3 a refusal can be told by an empty list only.

enum DescribeLogDirs: ControlHandler {
    typealias Directory = DescribeLogDirsResponse.DescribeLogDirsResult

    static func handle(_ request: DescribeLogDirsRequest, in context: RequestContext) async -> DescribeLogDirsResponse {
        var response = DescribeLogDirsResponse()
        guard context.allows(.administerCluster) else {
            response.errorCode = .clusterAuthorizationFailed
            return response
        }
        let isOfAll = request.topics == nil
        guard await context.reserveAnswer(isOfAll ? 1024 + context.services.catalogue.value.describedBytes : 0) else { return response }
        let statistics = context.services.store.statistics()
        var directory = Directory()
        directory.logDir = "data"
        directory.totalBytes = Int64(clamping: statistics.diskTotalBytes)
        directory.usableBytes = Int64(clamping: statistics.diskFreeBytes)
        directory.topics = topics(request, context.services.catalogue.value)
        response.results = [directory]
        return response
    }

    private static func topics(
        _ request: DescribeLogDirsRequest, _ catalogue: TopicCatalogue
    ) -> [Directory.DescribeLogDirsTopic] {
        guard let asked = request.topics else {
            return catalogue.topics.map { describe($0, Array(0..<$0.record.partitionCount)) }
        }
        return asked.compactMap { wanted in catalogue[wanted.topic].map { describe($0, wanted.partitions) } }
    }

    private static func describe(_ topic: Topic, _ partitions: [Int32]) -> Directory.DescribeLogDirsTopic {
        .init {
            $0.name = topic.name
            $0.partitions = partitions.compactMap { number in
                guard let log = topic.partition(number) else { return nil }
                return .init {
                    $0.partitionIndex = number
                    $0.partitionSize = log.bounds.sizeBytes
                }
            }
        }
    }
}

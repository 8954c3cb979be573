import KafkaWire
import NIOCore

/// Fetches some partitions over one connection, one request at a time, until enough was read; begins again where a partition
/// ends. Batches are counted by their headers, so that the generator does not measure itself.
final class ConsumeLoad {
    private let handler: KafkaClientHandler
    private let connection: KafkaConnection
    private let topic: String
    private let version: Int16
    private let recordsWanted: Int
    private let fetchBytes: Int32
    private let promise: EventLoopPromise<LoadResult>
    private let starts: [Int32: Int64]
    private var positions: [Int32: Int64]
    private var result = LoadResult()

    init(
        _ handler: KafkaClientHandler, connection: KafkaConnection, topic: String, version: Int16, starts: [Int32: Int64],
        recordsWanted: Int, fetchBytes: Int32, promise: EventLoopPromise<LoadResult>
    ) {
        self.handler = handler
        self.connection = connection
        self.topic = topic
        self.version = version
        self.starts = starts
        positions = starts
        self.recordsWanted = recordsWanted
        self.fetchBytes = fetchBytes
        self.promise = promise
    }

    func fetch() {
        guard result.records < recordsWanted else { return promise.succeed(result) }
        let request = FetchRequest {
            $0.replicaID = -1
            $0.maxWaitMilliseconds = 100
            $0.minBytes = 1
            $0.maxBytes = fetchBytes
            $0.topics = [
                .init {
                    $0.topic = topic
                    $0.partitions = positions.map { partition, offset in
                        .init {
                            $0.partition = partition
                            $0.fetchOffset = offset
                            $0.partitionMaxBytes = fetchBytes
                        }
                    }
                }
            ]
        }
        let start = NIODeadline.now()
        handler.send(connection.frame(of: request, version: version), flush: true) { self.answered($0, start) }
    }

    private func answered(_ answer: Result<ByteBuffer, ClientError>, _ start: NIODeadline) {
        do throws(ClientError) {
            var bytes = try answer.get()
            let (records, payload) = try count(&bytes)
            result.answered(after: NIODeadline.now() - start, records: records, bytes: payload)
            fetch()
        } catch {
            promise.fail(error)
        }
    }

    private func count(_ bytes: inout ByteBuffer) throws(ClientError) -> (records: Int, bytes: Int) {
        let response: FetchResponse
        do {
            _ = try ResponseHeader.decode(from: &bytes, api: .fetch, version: version)
            response = try FetchResponse.decode(from: &bytes, version: version, limits: .responses)
        } catch {
            throw .malformed(error.description)
        }
        try response.errorCode.check()
        var records = 0
        var payload = 0
        for partition in response.responses.flatMap(\.partitions) {
            try partition.errorCode.check()
            var position = positions[partition.partitionIndex] ?? 0
            if let buffer = partition.records {
                for batch in RecordBatches(buffer) {
                    guard let header = try? RecordBatchHeader(peekingAt: batch) else { throw .malformed("a batch's header") }
                    position = header.baseOffset + Int64(header.lastOffsetDelta) + 1
                    records += Int(header.recordCount)
                    payload += batch.readableBytes
                }
            }
            if position >= partition.highWatermark { position = starts[partition.partitionIndex] ?? 0 }
            positions[partition.partitionIndex] = position
        }
        return (records, payload)
    }
}

public import KafkaWire
public import Storage

/// A partition's log that was closed at the last size on which all agree, and goes on under another name (EVIDENCE.md, the fail-stop rule):
/// records stay where they are, and the next log's tree has those of the closed one as its beginning.
///
/// The names are one word of the topic's configuration, `<partition>:<next log's id>@<closed log's size>` each, the oldest first, so that
/// they are stored, backed up and restored with the topic. `hanbridge log reopen` alone sets it.
public struct LogReopening: Hashable, Sendable {
    public static let setting = "hanbridge.log.reopened"
    /// Of all partitions of a topic.
    static let countMax = 1_000
    static let wordBytesMax = 64

    public let partition: Int32
    /// The one that goes on.
    public let log: UUID128
    /// What the one before it was closed at.
    public let closedSize: Int64

    public init(partition: Int32, log: UUID128, closedSize: Int64) {
        self.partition = partition
        self.log = log
        self.closedSize = closedSize
    }

    var word: String { "\(partition):\(log.hex)@\(closedSize)" }

    /// - Returns: nil where the text is not a list of such words.
    public static func list(_ text: String) -> [LogReopening]? {
        var list: [LogReopening] = []
        for word in text.split(separator: ",") {
            let parts = word.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let partition = Int32(parts[0]), partition >= 0 else { return nil }
            let places = parts[1].split(separator: "@", maxSplits: 1)
            guard places.count == 2, let log = UUID128(hex: places[0]), let size = Int64(places[1]), size >= 0 else { return nil }
            list.append(LogReopening(partition: partition, log: log, closedSize: size))
        }
        return list
    }
}

/// The logs that a partition has had: a log is called by its id and its partition's number, `PartitionID(topic: id, …)`. The first one's id is
/// the topic's.
public struct PartitionLogs: Hashable, Sendable {
    public struct Closed: Hashable, Sendable {
        public let log: PartitionID
        public let size: Int64
    }

    /// The oldest first.
    public let closed: [Closed]
    /// The one that is signed.
    public let current: PartitionID

    /// - Parameter reopenings: of the topic, the oldest first.
    public init(of partition: PartitionID, _ reopenings: [LogReopening]) {
        var closed: [Closed] = []
        var current = partition
        for next in reopenings where next.partition == partition.partition {
            closed.append(Closed(log: current, size: next.closedSize))
            current = PartitionID(topic: next.log, partition: partition.partition)
        }
        self.closed = closed
        self.current = current
    }
}

extension Topic {
    /// The log of a partition that is signed, by its name.
    public func log(of partition: Int32) -> PartitionID { logs(of: partition).current }

    public func logs(of partition: Int32) -> PartitionLogs {
        PartitionLogs(of: PartitionID(topic: id, partition: partition), configuration.reopenings)
    }
}

extension TopicConfiguration {
    public var reopenings: [LogReopening] { reopened.isEmpty ? [] : LogReopening.list(reopened) ?? [] }
}

extension TopicCatalogue {
    /// Where a log is that is signed; nil for one that is closed, or of a topic that is gone.
    func partition(ofLog log: PartitionID) -> (topic: Topic, log: any PartitionLog)? {
        guard let topic = self[log.topic] ?? reopenedTopics.first(where: { $0.log(of: log.partition) == log }),
            topic.log(of: log.partition) == log, let partition = topic.partition(log.partition)
        else { return nil }
        return (topic, partition)
    }
}

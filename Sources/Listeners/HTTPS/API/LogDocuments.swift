/// A log that was closed and the one that goes on: the answer of `POST /v1/topics/{topic}/partitions/{partition}/reopen`.
public struct ReopenedLogDocument: Codable, Sendable, Hashable {
    public var topic: String
    public var partition: Int32
    /// 32 hex digits each, as origins have them.
    public var closedLog: String
    public var closedSize: Int64
    public var log: String

    public init(topic: String, partition: Int32, closedLog: String, closedSize: Int64, log: String) {
        self.topic = topic
        self.partition = partition
        self.closedLog = closedLog
        self.closedSize = closedSize
        self.log = log
    }
}

/// The body of that request.
struct ReopeningWish: Codable {
    var reason: String?
}

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

/// The answer of `POST /v1/journal/reopen`.
public struct ReopenedJournalDocument: Codable, Sendable, Hashable {
    public var closedJournal: String
    public var journal: String
    /// Entries that both have.
    public var size: Int64

    public init(closedJournal: String, journal: String, size: Int64) {
        self.closedJournal = closedJournal
        self.journal = journal
        self.size = size
    }
}

/// The body of these requests.
struct ReopeningWish: Codable {
    var reason: String?
}

/// Records that somebody publishes in one request over HTTPS: a body, what it is, and where its records go.
public struct RecordSubmission: Sendable {
    /// What a body is.
    public enum Form: UInt8, Sendable, Hashable, CaseIterable {
        /// JSON: an array is many records, anything else is one.
        case document = 1
        /// JSON, one record a line.
        case lines = 2
        /// CSV with a header: a cell becomes what the records' schema says of its column.
        case table = 3
        /// JSON objects with key, value, headers, partition and timestamp, one or an array.
        case envelopes = 4
        /// The value of one record, as it is.
        case raw = 5
    }

    public var topic: String
    public var form: Form
    public var body: [UInt8]
    /// Where all records go that do not say it themselves.
    public var partition: Int32?
    /// The member of each document that becomes the record's key.
    public var keyField: String?
    /// The schema that documents are written by; else the topic's pinned version or the subject's latest.
    public var schemaID: Int32?
    public var schemaVersion: Int32?
    /// Binary values come with the registry's frame.
    public var isFramed: Bool
    /// Names the request: a second one of this name gets the first one's answer.
    public var idempotencyKey: String?
    /// What the caller wants to live as long as the work on the submission, which may go on behind its answer: its account of the memory.
    public var room: (any AnyObject & Sendable)?

    public init(
        topic: String, form: Form, body: [UInt8], partition: Int32? = nil, keyField: String? = nil, schemaID: Int32? = nil,
        schemaVersion: Int32? = nil, isFramed: Bool = false, idempotencyKey: String? = nil
    ) {
        self.topic = topic
        self.form = form
        self.body = body
        self.partition = partition
        self.keyField = keyField
        self.schemaID = schemaID
        self.schemaVersion = schemaVersion
        self.isFramed = isFramed
        self.idempotencyKey = idempotencyKey
    }
}

/// `POST /v1/agreements/rehearse`
public struct RehearsalDocument: Codable, Sendable, Hashable {
    /// The version in force, which the set would replace.
    public var version: Int64
    /// How far back the accesses reach, ms since 1970.
    public var since: Int64
    /// There were more than are looked at.
    public var cut: Bool
    /// Ways of reading that were looked at: by node, topic, right and purpose.
    public var accesses: Int
    /// Losses first.
    public var effects: [Effect]
    /// Agreements that let somebody read, and by which nobody does.
    public var unused: [String]

    public struct Effect: Codable, Sendable, Hashable {
        /// `loses`, `gains`, or `sees` where other records or fields would be seen.
        public var kind: String
        /// `agency/unit/node` with `*`, as the agreement has it.
        public var nodes: String
        /// How many of them read, and the first by name.
        public var count: Int
        public var example: String
        public var topic: String
        /// `subscribe` or `replay`
        public var right: String
        public var purpose: String?
        /// The agreement and rule, `ID#0`; nil where nothing allows it.
        public var before: String?
        public var after: String?
        /// Why it would be refused, in the words of `_audit.access`.
        public var reason: String?
        public var fields: [Field]
        /// What rows must meet, any of these, each by all its fields, where that changes; empty for every row.
        public var rowsBefore: [[String: [String]]]?
        public var rowsAfter: [[String: [String]]]?

        public init(
            kind: String, nodes: String, count: Int, example: String, topic: String, right: String, purpose: String?, before: String?,
            after: String?, reason: String? = nil, fields: [Field] = [], rowsBefore: [[String: [String]]]? = nil,
            rowsAfter: [[String: [String]]]? = nil
        ) {
            self.kind = kind
            self.nodes = nodes
            self.count = count
            self.example = example
            self.topic = topic
            self.right = right
            self.purpose = purpose
            self.before = before
            self.after = after
            self.reason = reason
            self.fields = fields
            self.rowsBefore = rowsBefore
            self.rowsAfter = rowsAfter
        }
    }

    public struct Field: Codable, Sendable, Hashable {
        /// As the agreement writes it; `*` for every field that none names.
        public var name: String
        /// `hidden`, `clear`, or the mask.
        public var before: String
        public var after: String

        public init(name: String, before: String, after: String) {
            self.name = name
            self.before = before
            self.after = after
        }
    }

    public init(version: Int64, since: Int64, cut: Bool, accesses: Int, effects: [Effect], unused: [String]) {
        self.version = version
        self.since = since
        self.cut = cut
        self.accesses = accesses
        self.effects = effects
        self.unused = unused
    }
}

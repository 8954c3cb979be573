/// One record of `_audit.delivery`: a CloudEvents 1.0 event in JSON (structured mode). Its schema is ``AuditSchema/delivery``.
///
/// | type | says |
/// |---|---|
/// | hanbridge.delivery.started | the broker began to serve; `possiblyMissing` is when the run before it was cut off |
/// | hanbridge.delivery.reserved | these offsets of a strict topic may be sent to the session from now on: durable before any of them is |
/// | hanbridge.delivery.delivered | these records were handed to the connection; `closes` ends reservations, `ended` tells of accesses that ended |
/// | hanbridge.delivery.possible | these offsets were reserved when the broker was cut off, and nothing says that they were not sent |
/// | hanbridge.delivery.stopped | the broker stopped in order: everything is told |
///
/// Header `hanbridge-open-from`: the offset of the ledger before which no reservation of the entry's run is open.
public struct DeliveryEvent: Codable, Hashable, Sendable {
    public enum Kind: String, Sendable { case started, reserved, delivered, possible, stopped }

    public var specversion = "1.0"
    public let id: String
    /// `/hanbridge/<cluster id>`
    public let source: String
    public let type: String
    /// RFC 3339
    public let time: String
    /// `node:<agency/unit/node>`, or `ledger`.
    public let subject: String
    public var datacontenttype = "application/json"
    public let data: Contents

    public var kind: Kind? { type.hasPrefix(Self.typePrefix) ? Kind(rawValue: String(type.dropFirst(Self.typePrefix.count))) : nil }

    static let typePrefix = "hanbridge.delivery."

    public struct Contents: Codable, Hashable, Sendable {
        /// One a start of the broker.
        public let run: String
        /// One a connection.
        public let session: String?
        /// `agency/unit/node`
        public let node: String?
        /// SHA-256 of the node's certificate, hex.
        public let certificate: String?
        public let address: String?
        /// `kafka` or `https`.
        public let interface: String?
        public let deliveries: [Item]?
        /// Reservations that nothing is sent from any more.
        public let closes: [String]?
        public let ended: [Ending]?
        public let possiblyMissing: Interval?
    }

    /// Records of one partition under one rule.
    public struct Item: Codable, Hashable, Sendable {
        public let topic: String
        public let topicId: String
        public let partition: Int32
        /// `0-99,105,107-200`
        public let offsets: String
        public let records: Int64
        /// Of the batches or records that were sent; absent where nothing was yet.
        public let bytes: Int?
        public let schemaIds: [Int32]?
        /// Fields that were not given as they were published, `citizenId:last4`; absent where all were.
        public let fields: [String]?
        public let purpose: String?
        public let purposeImplied: Bool?
        /// `subscribe` or `replay`.
        public let action: String
        /// What allowed it: `agreement:<id>#<rule>`, `role:auditor`; several, with spaces between, where a reservation is under several.
        public let citation: String
        /// The version of the agreements.
        public let policyVersion: Int64
        /// The reservation, where there is one.
        public let window: String?
        /// When the first of these records was handed over.
        public let since: String?
    }

    /// An access, or a session, that ended.
    public struct Ending: Codable, Hashable, Sendable {
        public let topic: String
        public let partition: Int32
        /// The last offset that was handed over.
        public let lastOffset: Int64
        /// `session-closed`, or what now refuses: `agreement-ended:<id>`, `denied:<id>#<rule>` …
        public let reason: String
    }

    public struct Interval: Codable, Hashable, Sendable {
        public let from: String
        public let to: String
    }
}

extension DeliveryEvent.Item {
    /// The runs of `offsets`; none where it is not written as it should be.
    public var ranges: [ClosedRange<Int64>] { OffsetRuns(text: offsets)?.runs ?? [] }
}

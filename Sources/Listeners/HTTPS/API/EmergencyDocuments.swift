struct EmergencyDocument: Codable { var file: String }

/// `POST /v1/emergencies`
public struct EmergencyAskedDocument: Codable, Sendable, Hashable {
    public var agreement: String
    /// Until when another person can confirm it.
    public var confirmBy: Int64
    /// When it would end.
    public var until: Int64

    public init(agreement: String, confirmBy: Int64, until: Int64) {
        self.agreement = agreement
        self.confirmBy = confirmBy
        self.until = until
    }
}

/// `GET /v1/emergencies`
public struct EmergenciesDocument: Codable, Sendable, Hashable {
    public struct Waiting: Codable, Sendable, Hashable {
        public var agreement: String
        /// The file as it was sent; confirming it sends this text back.
        public var file: String
        public var askedBy: String
        /// Until when another person can confirm it.
        public var confirmBy: Int64

        public init(agreement: String, file: String, askedBy: String, confirmBy: Int64) {
            self.agreement = agreement
            self.file = file
            self.askedBy = askedBy
            self.confirmBy = confirmBy
        }
    }

    public var emergencies: [Waiting]

    public init(emergencies: [Waiting]) { self.emergencies = emergencies }
}

/// `POST /v1/emergencies/{emergency}/confirm`
public struct EmergencyOpenedDocument: Codable, Sendable, Hashable {
    public var agreement: String
    /// The version in force now.
    public var version: Int64

    public init(agreement: String, version: Int64) {
        self.agreement = agreement
        self.version = version
    }
}

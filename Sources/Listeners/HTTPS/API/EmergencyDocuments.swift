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

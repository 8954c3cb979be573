/// `GET /v1/holds`
public struct HoldsDocument: Codable, Sendable, Hashable {
    /// By case.
    public var holds: [HoldDocument]

    public init(holds: [HoldDocument]) { self.holds = holds }
}

/// What a case holds: the answer of `POST /v1/holds` and `POST /v1/holds/release` too.
public struct HoldDocument: Codable, Sendable, Hashable {
    public var caseID: String
    public var topics: [String]

    public init(caseID: String, topics: [String]) {
        self.caseID = caseID
        self.topics = topics
    }

    enum CodingKeys: String, CodingKey {
        case caseID = "case"
        case topics
    }
}

/// The body of `POST /v1/holds` and `POST /v1/holds/release`.
struct HoldWish: Codable {
    var caseID: String
    /// To release, absent for all.
    var topics: [String]?
    var reason: String?

    enum CodingKeys: String, CodingKey {
        case caseID = "case"
        case topics, reason
    }
}

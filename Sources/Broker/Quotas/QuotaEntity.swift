import AccessPolicy

/// Whose quota it is. Kafka's tools know users; a user here is a node by its principal's name, `agency/unit/node`, or an agency as a whole,
/// `agency/*`, and the default user is every node that has no quota of its own.
enum QuotaEntity: Hashable, Sendable {
    case node(String)
    case agency(String)
    case everyNode

    /// The type of entity in Kafka's words.
    static let type = "user"
    private static let principalPrefix = "User:"

    /// - Parameter name: nil for Kafka's default entity.
    init(kafkaName name: String?) throws(QuotaRefusal) {
        guard let name else {
            self = .everyNode
            return
        }
        let path = name.hasPrefix(Self.principalPrefix) ? String(name.dropFirst(Self.principalPrefix.count)) : name
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 3, parts.allSatisfy({ NodeIdentity.isComponent(String($0)) }) {
            self = .node(path)
        } else if parts.count == 2, NodeIdentity.isComponent(String(parts[0])), parts[1] == "*" {
            self = .agency(String(parts[0]))
        } else {
            throw QuotaRefusal("a user is a node, agency/unit/node, or an agency, agency/*; “\(name.cut(to: 256))” is neither")
        }
    }

    /// As it is stored and answered; nil for Kafka's default entity.
    var kafkaName: String? {
        switch self {
        case .node(let path): path
        case .agency(let agency): "\(agency)/*"
        case .everyNode: nil
        }
    }
}

/// Why a quota was not taken.
struct QuotaRefusal: Error, Hashable {
    let sentence: String
    init(_ sentence: String) { self.sentence = sentence }
}

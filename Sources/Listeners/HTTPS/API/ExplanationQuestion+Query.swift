import AccessPolicy
import Broker
import Sentences

// The question of `GET /v1/decisions/explain`, as its query asks it.
extension ExplanationQuestion {
    static let parameters: [(name: String, meaning: String)] = [
        ("node", "agency/unit/node"), ("right", "publish, subscribe, replay, tombstone, administer, describe, or use-group"),
        ("topic", "the topic; of use-group the group"), ("purpose", "what it declares to read for"),
        ("role", "of its certificate, several separated by commas; member when left out"),
        ("at", "ms since 1970; now when left out"),
    ]

    /// - Throws: `Problem.malformed`, which says what is missing or wrong.
    init(query: [String: String]) throws {
        if let unknown = query.keys.sorted().first(where: { key in !Self.parameters.contains { $0.name == key } }) {
            throw Problem.malformed("“\(unknown)” is not a part of the question")
        }
        func required(_ name: String) throws -> String {
            guard let value = query[name], !value.isEmpty else { throw Problem.malformed("“\(name)” is missing") }
            return value
        }
        let purpose = PurposeDeclaration(query["purpose"])
        let topic = try required("topic")
        let question: AccessQuestion
        switch try required("right") {
        case "publish": question = .publish(topic: topic)
        case "subscribe": question = .subscribe(topic: topic, purpose: purpose)
        case "replay": question = .replay(topic: topic, purpose: purpose)
        case "tombstone": question = .tombstone(topic: topic)
        case "erase": question = .erase(topic: topic)
        case "administer": question = .administer(topic: topic)
        case "describe": question = .describe(topic: topic)
        case "use-group": question = .useGroup(topic)
        case let other: throw Problem.malformed("there is no right “\(other)” to ask about")
        }
        var instant: Int64?
        if let text = query["at"] {
            guard let at = Int64(text), at >= 0 else { throw Problem.malformed("at is “\(text)”; it is ms since 1970") }
            instant = at
        }
        self.init(node: try Self.node(required("node"), roles: query["role"]), question: question, instant: instant)
    }

    /// What a node is called, without its certificate: its authority decides nothing.
    private static func node(_ path: String, roles text: String?) throws -> NodeIdentity {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let roles = try (text ?? "member").split(separator: ",").map { word in
            guard let role = Role(rawValue: String(word)) else { throw Problem.malformed("there is no role “\(word)”") }
            return role
        }
        guard parts.count == 3,
            let node = try? NodeIdentity(authority: "any", agency: parts[0], unit: parts[1], node: parts[2], roles: Set(roles))
        else { throw Problem.malformed("node is “\(path)”; it is agency/unit/node") }
        return node
    }
}

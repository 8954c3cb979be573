/// A grant or a denial as Kafka's ACL APIs make them: one node pattern, one kind of operation, one pattern of topics or groups. They are
/// a set of their own beside the agreements that people write: nobody signs them, they have no date and no purpose, and so they open
/// only topics that are classified `open` or `internal`.
public struct AccessBinding: Hashable, Sendable {
    public enum Resource: String, Hashable, Sendable, CaseIterable {
        case topic, group
    }

    public enum PatternType: String, Hashable, Sendable, CaseIterable {
        /// One name, or with the name `*` every one.
        case literal
        case prefixed
    }

    public enum Operation: String, Hashable, Sendable, CaseIterable {
        case all, read, write, describe
    }

    public enum Permission: String, Hashable, Sendable, CaseIterable {
        case allow, deny
    }

    public let resource: Resource
    public let patternType: PatternType
    public let name: String
    public let node: NodePattern
    public let operation: Operation
    public let permission: Permission
    private let topics: TopicPattern
    private let groups: [GroupPattern]

    /// - Throws: ``PatternError`` for a name that no topic or group can have, and for an operation that a group does not know.
    public init(
        _ resource: Resource, _ patternType: PatternType, _ name: String, node: NodePattern, operation: Operation, permission: Permission
    ) throws(PatternError) {
        self.resource = resource
        self.patternType = patternType
        self.name = name
        self.node = node
        self.operation = operation
        self.permission = permission
        let isEvery = patternType == .literal && name == "*"
        guard isEvery || !name.contains("*") else { throw PatternError("a '*' stands alone, for every name") }
        switch resource {
        case .topic:
            topics = try TopicPattern(isEvery || patternType == .literal ? name : "\(name)*")
            groups = []
        case .group:
            guard operation == .read || operation == .all else {
                throw PatternError("of a group an ACL gives READ or ALL; who may read with it describes it")
            }
            // Bound to no topic: which ones its members read is another question.
            topics = .literal("")
            groups = [isEvery ? .prefix("") : try GroupPattern(patternType == .literal ? name : "\(name)*")]
        }
    }

    /// What the binding says, as the one rule of an agreement.
    public var agreement: Agreement {
        let rights = rights
        let rule = PartyRule(
            node: node, may: permission == .allow ? rights : [], deny: permission == .deny ? rights : [], groups: groups)
        return Agreement(id: id, topic: topics, owner: "", parties: [rule])
    }

    private var rights: Set<Right> {
        switch (resource, operation) {
        case (.group, _): [.subscribe, .replay]
        case (.topic, .read): [.subscribe]
        case (.topic, .write): [.publish, .tombstone]
        case (.topic, .describe): [.describe]
        case (.topic, .all): Set(Right.allCases).subtracting([.erase])
        }
    }

    // MARK: Citing and storing

    /// Ids that people write do not begin with a dot.
    static let idPrefix = ".acl-"

    /// The same for the same binding, so that the audit's citations stay true: FNV-1a over its line.
    public var id: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in line.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return Self.idPrefix + String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The name of the file among those of a set. Names that begin with a dot are the broker's own.
    public static let fileName = ".acls"

    private var line: String {
        "\(resource.rawValue) \(patternType.rawValue) \(permission.rawValue) \(operation.rawValue) \(node) \(name)"
    }

    /// One line a binding; the name comes last, because a group's may have spaces.
    public static func text(_ bindings: some Sequence<AccessBinding>) -> String { bindings.map { $0.line + "\n" }.sorted().joined() }

    /// - Throws: for a line that ``text(_:)`` does not write.
    public static func parse(_ text: String) throws(AgreementsError) -> [AccessBinding] {
        var bindings: [AccessBinding] = []
        for (number, line) in text.split(separator: "\n").enumerated() {
            let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
            guard words.count == 6, let resource = Resource(rawValue: words[0]), let patternType = PatternType(rawValue: words[1]),
                let permission = Permission(rawValue: words[2]), let operation = Operation(rawValue: words[3]),
                let node = try? NodePattern(words[4]),
                let binding = try? AccessBinding(resource, patternType, words[5], node: node, operation: operation, permission: permission)
            else {
                let message = "is not an ACL as the broker writes it"
                throw AgreementsError([AgreementsProblem(file: fileName, line: number + 1, column: 1, message: message)])
            }
            bindings.append(binding)
        }
        return bindings
    }
}

extension Agreement {
    /// Made through Kafka's ACL APIs, and so limited to topics that are classified `open` or `internal`.
    public var isBinding: Bool { id.hasPrefix(AccessBinding.idPrefix) }

    /// What it denies it denies everywhere.
    var opensOnlyUnclassified: Bool { isBinding && parties.allSatisfy { $0.deny.isEmpty } }
}

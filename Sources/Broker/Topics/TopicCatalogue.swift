public import KafkaWire

/// Every topic at one moment. Immutable: `TopicAdministration` makes the next one and ``BrokerServices/install(catalogue:)``
/// puts it in force.
public struct TopicCatalogue: Sendable {
    /// Rises with each change in this run: what a connection remembered of an older one is void.
    public let version: UInt64
    private let byName: [String: Topic]
    private let byID: [UUID128: Topic]
    /// What an answer that describes every topic takes at most.
    let describedBytes: Int
    /// The topics that keep refused records of others.
    private let quarantines: Set<String>
    /// Those that are classified `personal` or `sensitive`: nothing opens them but a written agreement.
    public let closedTopics: Set<String>

    /// Those of which a log was closed and goes on under another name.
    let reopenedTopics: [Topic]

    public static let empty = TopicCatalogue(version: 0, byName: [:], byID: [:])

    public init(_ topics: [Topic]) {
        self.init(
            version: 1, byName: Dictionary(uniqueKeysWithValues: topics.map { ($0.name, $0) }),
            byID: Dictionary(uniqueKeysWithValues: topics.map { ($0.id, $0) }))
    }

    private init(version: UInt64, byName: [String: Topic], byID: [UUID128: Topic]) {
        self.version = version
        self.byName = byName
        self.byID = byID
        describedBytes = byName.values.reduce(0) { $0 + $1.describedBytes }
        reopenedTopics = byName.values.filter { !$0.configuration.reopened.isEmpty }
        quarantines = Set(byName.values.map(\.configuration.quarantine)).subtracting(["none"])
        closedTopics = Set(byName.values.filter { ["personal", "sensitive"].contains($0.configuration.classification) }.map(\.name))
    }

    /// Whether some topic names this one as its quarantine.
    func isQuarantine(_ name: String) -> Bool { quarantines.contains(name) }

    /// In the order of their names.
    var quarantineTopics: [Topic] { quarantines.sorted().compactMap { byName[$0] } }

    /// Topics with a quarantine that is classified lower: an earlier version took them so, and what is judged since then is what changes.
    var carelessQuarantines: [(topic: Topic, quarantine: Topic)] {
        topics.compactMap { topic in
            guard let quarantine = byName[topic.configuration.quarantine], quarantine.configuration.isLessCareful(than: topic.configuration) else { return nil }
            return (topic, quarantine)
        }
    }

    public subscript(name: String) -> Topic? { byName[name] }
    public subscript(id: UUID128) -> Topic? { byID[id] }

    public var count: Int { byName.count }
    public var partitionCount: Int { byName.values.reduce(0) { $0 + $1.partitions.count } }
    /// In the order of their names, so that answers are the same twice.
    public var topics: [Topic] { byName.values.sorted { $0.name < $1.name } }

    /// With this topic, in the place of the one of its id where there is one.
    public func with(_ topic: Topic) -> TopicCatalogue {
        var byName = byName
        var byID = byID
        byName[topic.name] = topic
        byID[topic.id] = topic
        return TopicCatalogue(version: version + 1, byName: byName, byID: byID)
    }

    public func without(_ id: UUID128) -> TopicCatalogue {
        guard let topic = byID[id] else { return self }
        var byName = byName
        var byID = byID
        byName[topic.name] = nil
        byID[id] = nil
        return TopicCatalogue(version: version + 1, byName: byName, byID: byID)
    }
}

import AccessPolicy
import KafkaWire
import Storage

/// What a case holds.
public struct Hold: Hashable, Sendable {
    public let caseID: String
    /// By name.
    public let topics: [String]
}

/// Legal holds: while a case holds a topic nothing of it goes, neither by retention nor by hand, nor the evidence over it (EVIDENCE.md,
/// "Expiry and erasure").
///
/// A hold is one word of the topic's configuration, so that it is stored, backed up and restored with the topic, and no change of
/// configuration drops it. Operators, auditors and the owner's stewards place one; only auditors and the owner's stewards release it:
/// who may delete records cannot free them alone.
extension Administration {
    public static let holdsPerTopicMax = 16
    public static let caseBytesMax = 64

    /// - Returns: the topics that the case holds now.
    public func hold(_ names: [String], for caseID: String, because reason: String?, by peer: Peer) async -> Result<Hold, AdministrationRefusal> {
        await services.changes.inTurn {
            do throws(AdministrationRefusal) {
                try Self.judge(caseID)
                let topics = try names.map { (name) throws(AdministrationRefusal) in try self.topic(name, peer, .place) }
                for topic in topics where topic.configuration.holds.count >= Self.holdsPerTopicMax && !topic.configuration.holds.contains(caseID) {
                    throw AdministrationRefusal(.policyViolation, "topic “\(topic.name)” is held for \(Self.holdsPerTopicMax) cases already")
                }
                for topic in topics where !topic.configuration.holds.contains(caseID) {
                    try await self.topicChanges.set(
                        topic.configuration.holds + [caseID], of: topic, action: "hold.place", Self.details(caseID, reason), by: peer)
                }
                return .success(self.current(caseID))
            } catch {
                return .failure(error)
            }
        }
    }

    /// - Parameter names: nil for all that the case holds.
    /// - Returns: what it holds still.
    public func release(_ names: [String]?, of caseID: String, because reason: String?, by peer: Peer) async -> Result<Hold, AdministrationRefusal> {
        await services.changes.inTurn {
            do throws(AdministrationRefusal) {
                try Self.judge(caseID)
                let topics = try (names ?? self.current(caseID).topics).map { (name) throws(AdministrationRefusal) in try self.topic(name, peer, .release) }
                guard !topics.isEmpty, topics.allSatisfy({ $0.configuration.holds.contains(caseID) }) else {
                    throw AdministrationRefusal(.unknownTopicOrPartition, "case \(caseID) holds no such topic")
                }
                for topic in topics {
                    try await self.topicChanges.set(
                        topic.configuration.holds.filter { $0 != caseID }, of: topic, action: "hold.release", Self.details(caseID, reason), by: peer)
                }
                return .success(self.current(caseID))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Of the topics that the peer may describe, by case.
    public func holds(visibleTo peer: Peer) -> [Hold] {
        var topics: [String: [String]] = [:]
        for topic in services.catalogue.value.topics where !topic.configuration.holds.isEmpty && mayDescribe(topic.name, peer) {
            for caseID in topic.configuration.holds { topics[caseID, default: []].append(topic.name) }
        }
        return topics.sorted { $0.key < $1.key }.map { Hold(caseID: $0.key, topics: $0.value.sorted()) }
    }

    private func current(_ caseID: String) -> Hold {
        Hold(caseID: caseID, topics: services.catalogue.value.topics.filter { $0.configuration.holds.contains(caseID) }.map(\.name).sorted())
    }

    private func mayDescribe(_ topic: String, _ peer: Peer) -> Bool {
        services.policy.value.decide(.describe(topic: topic), for: peer.identity, at: services.clock.now()).isAllowed
            || services.policy.value.decide(.audit, for: peer.identity, at: services.clock.now()).isAllowed
    }

    // MARK: Rules

    private enum Act { case place, release }

    private func topic(_ name: String, _ peer: Peer, _ act: Act) throws(AdministrationRefusal) -> Topic {
        guard may(act, name, peer) else {
            throw AdministrationRefusal(
                .topicAuthorizationFailed, "a hold is placed by an operator, an auditor or a steward of the owner, and released by an auditor or a steward of the owner")
        }
        guard let topic = services.catalogue.value[name] else {
            throw AdministrationRefusal(.unknownTopicOrPartition, "there is no topic “\(name.cut(to: 256))”")
        }
        guard !topic.isBrokerOwned else {
            throw AdministrationRefusal(.policyViolation, "topic “\(name)” is the broker's own, of which nothing is deleted")
        }
        return topic
    }

    private func may(_ act: Act, _ name: String, _ peer: Peer) -> Bool {
        let owners = services.policy.value.owners(of: name).union([services.catalogue.value[name]?.configuration.owner ?? ""])
        if peer.identity.roles.contains(.steward), owners.contains(peer.identity.agency) { return true }
        if act == .place, services.policy.value.decide(.administer(topic: name), for: peer.identity, at: services.clock.now()).isAllowed { return true }
        // Its refusal is audited.
        return services.decide(.audit, for: peer).isAllowed
    }

    private static func judge(_ caseID: String) throws(AdministrationRefusal) {
        let isWritten = caseID.unicodeScalars.allSatisfy { $0.isASCII && $0.properties.isAlphabetic || "0"..."9" ~= $0 || "-._/".unicodeScalars.contains($0) }
        guard isWritten, (1...caseBytesMax).contains(caseID.utf8.count) else {
            throw AdministrationRefusal(.invalidRequest, "a case id is 1 to \(caseBytesMax) ASCII letters, digits and -._/")
        }
    }

    private static func details(_ caseID: String, _ reason: String?) -> [String: String] {
        ["case": caseID].merging(reason.map { ["why": $0] } ?? [:]) { $1 }
    }
}

extension TopicConfiguration {
    /// The cases that hold the topic, in the order in which they did.
    public var holds: [String] { hold.split(separator: ",").map(String.init) }
}

extension AdministrationRefusal {
    /// Nothing of the topic may go; nil where nothing holds it.
    init?(heldBy holds: [String], _ name: String) {
        guard !holds.isEmpty else { return nil }
        self.init(.policyViolation, "topic “\(name)” is held for case \(holds.joined(separator: ", ")): nothing of it may be deleted before the hold is released")
    }
}

import AccessPolicy
import KafkaWire
import Logging
import Storage

/// Makes, changes and deletes topics, for Kafka and HTTPS alike.
///
/// Every change goes the same way, one at a time (``ChangeOrder``): judged against the catalogue as it is now, written to the
/// audit, made durable in the metadata (the commit point), and put in force by a new catalogue. Partitions are made before that
/// point and removed after it; what a crash leaves between is put right at start (`CatalogueAtStart`).
struct TopicAdministration: Sendable {
    let services: BrokerServices

    init(_ services: BrokerServices) { self.services = services }

    // MARK: Create

    func create(
        _ wish: TopicWish, validateOnly: Bool, by peer: Peer
    ) async -> Result<TopicMade, AdministrationRefusal> {
        guard services.decide(.administer(topic: wish.name), for: peer).isAllowed else { return .failure(.topicNotAuthorized) }
        return await services.changes.inTurn {
            do throws(AdministrationRefusal) {
                let plan = try TopicPlan(
                    wish, isOperator: peer.isOperator, owners: self.services.policy.value.owners(of: wish.name),
                    catalogue: self.services.catalogue.value, settings: self.services.settings)
                return .success(validateOnly ? self.made(plan, id: .zero) : try await self.make(plan, by: peer))
            } catch {
                return .failure(error)
            }
        }
    }

    private func make(_ plan: TopicPlan, by peer: Peer) async throws(AdministrationRefusal) -> TopicMade {
        let record = TopicRecord(
            name: plan.name.text, id: .random(), partitionCount: plan.partitionCount, configuration: plan.values,
            createdAt: services.clock.now(), createdBy: peer.identity.principal)
        let details = ["id": record.id.hex, "partitions": String(record.partitionCount)]
        try await announce("topic.create", record.name, details.merging(plan.values) { own, _ in own }, by: peer)
        do throws(StorageError) {
            let logs = try await openPartitions(of: record, 0..<record.partitionCount, plan.configuration)
            try await services.metadata.apply(.createTopic(record))
            let topic = Topic(record: record, configuration: plan.configuration, partitions: logs)
            services.install(catalogue: services.catalogue.value.with(topic))
        } catch {
            await removePartitions(of: record.id, count: record.partitionCount)
            throw await failed("topic.create", record.name, error, by: peer)
        }
        return made(plan, id: record.id)
    }

    private func made(_ plan: TopicPlan, id: UUID128) -> TopicMade {
        TopicMade(
            id: id, partitionCount: plan.partitionCount,
            configuration: ConfigurationEntry.all(of: plan.values, plan.configuration, services.settings, readOnly: false))
    }

    // MARK: Delete

    func delete(_ name: String, by peer: Peer) async -> AdministrationRefusal? {
        guard services.decide(.administer(topic: name), for: peer).isAllowed else { return .topicNotAuthorized }
        return await services.changes.inTurn {
            guard self.services.settings.deleteTopics else {
                return AdministrationRefusal(.topicDeletionDisabled, "delete.topic.enable is false")
            }
            guard let topic = self.services.catalogue.value[name] else { return self.unknown(name, to: peer) }
            do throws(AdministrationRefusal) {
                try await self.judgeHolds(of: topic, "topic.delete", by: peer)
                try await self.delete(topic, by: peer)
                return nil
            } catch {
                return error
            }
        }
    }

    private func delete(_ topic: Topic, by peer: Peer) async throws(AdministrationRefusal) {
        let details = ["id": topic.id.hex, "partitions": String(topic.record.partitionCount)]
        try await announce("topic.delete", topic.name, details, by: peer)
        do throws(StorageError) {
            try await services.metadata.apply(.deleteTopic(topic.id))
        } catch {
            throw await failed("topic.delete", topic.name, error, by: peer)
        }
        services.install(catalogue: services.catalogue.value.without(topic.id))
        // The topic is gone for clients. Its records follow; whatever is left of them after a crash is removed at start.
        await removePartitions(of: topic.id, count: topic.record.partitionCount)
    }

    // MARK: Partitions

    /// - Parameter assignments: the brokers of each new partition, where the client assigns by hand.
    func setPartitionCount(
        _ count: Int32, of name: String, assignments: [[Int32]]?, validateOnly: Bool, by peer: Peer
    ) async -> AdministrationRefusal? {
        guard services.decide(.administer(topic: name), for: peer).isAllowed else { return .topicNotAuthorized }
        return await services.changes.inTurn {
            guard let topic = self.services.catalogue.value[name] else { return self.unknown(name, to: peer) }
            do throws(AdministrationRefusal) {
                try self.judge(count, of: topic, assignments: assignments)
                if !validateOnly { try await self.add(upTo: count, to: topic, by: peer) }
                return nil
            } catch {
                return error
            }
        }
    }

    private func judge(_ count: Int32, of topic: Topic, assignments: [[Int32]]?) throws(AdministrationRefusal) {
        let current = topic.record.partitionCount
        guard count > current else {
            throw AdministrationRefusal(
                .invalidPartitions, "topic “\(topic.name)” has \(current) partitions already; they can only become more")
        }
        let others = services.catalogue.value.partitionCount - Int(current)
        guard count <= Int32(Limits.partitionsPerTopicMax), others + Int(count) <= Limits.partitionsMax else {
            throw AdministrationRefusal(
                .invalidPartitions,
                "a topic has at most \(Limits.partitionsPerTopicMax) partitions, and all together \(Limits.partitionsMax)")
        }
        if let assignments {
            guard assignments.count == Int(count - current), assignments.allSatisfy({ $0 == [services.settings.node] }) else {
                throw AdministrationRefusal(
                    .invalidReplicaAssignment,
                    "there are \(count - current) new partitions, each on the one broker, \(services.settings.node)")
            }
        }
    }

    private func add(upTo count: Int32, to topic: Topic, by peer: Peer) async throws(AdministrationRefusal) {
        let current = topic.record.partitionCount
        try await announce("topic.add-partitions", topic.name, ["from": String(current), "to": String(count)], by: peer)
        do throws(StorageError) {
            let logs = try await openPartitions(of: topic.record, current..<count, topic.configuration)
            try await services.metadata.apply(.setPartitionCount(topic: topic.id, count: count))
            var record = topic.record
            record.partitionCount = count
            let next = Topic(record: record, configuration: topic.configuration, partitions: topic.partitions + logs)
            services.install(catalogue: services.catalogue.value.with(next))
        } catch {
            await removePartitions(of: topic.id, from: current, count: count)
            throw await failed("topic.add-partitions", topic.name, error, by: peer)
        }
    }

    // MARK: Configuration

    /// - Parameter change: the configuration wanted, made from the one that the topic has.
    func configure(
        _ name: String, validateOnly: Bool, by peer: Peer,
        _ change: @escaping @Sendable ([String: String]) throws(AdministrationRefusal) -> [String: String]
    ) async -> AdministrationRefusal? {
        guard services.decide(.administer(topic: name), for: peer).isAllowed else { return .topicNotAuthorized }
        return await services.changes.inTurn {
            guard let topic = self.services.catalogue.value[name] else { return self.unknown(name, to: peer) }
            do throws(AdministrationRefusal) {
                let values = try change(topic.record.configuration)
                let configuration = try TopicRules.configuration(
                    values, of: name, changing: topic.record.configuration, isOperator: peer.isOperator,
                    owners: self.services.policy.value.owners(of: name), catalogue: self.services.catalogue.value,
                    settings: self.services.settings)
                try TopicRules.judgeEvidence(configuration, was: topic.configuration)
                if !validateOnly, values != topic.record.configuration {
                    try await self.apply(values, configuration, to: topic, by: peer)
                }
                return nil
            } catch {
                return error
            }
        }
    }

    /// Places and releases holds (``Administration/hold(_:for:because:by:)``). In turn with other changes.
    func set(
        _ holds: [String], of topic: Topic, action: String, _ details: [String: String], by peer: Peer
    ) async throws(AdministrationRefusal) {
        var values = topic.record.configuration
        values[TopicRules.holdKey] = holds.isEmpty ? nil : holds.joined(separator: ",")
        let configuration: TopicConfiguration
        do { configuration = try TopicConfiguration(values, defaultsOf: services.settings) } catch { throw AdministrationRefusal(error) }
        try await apply(values, configuration, to: topic, as: action, details, by: peer)
    }

    /// Closes a log and names the next (``Administration/reopenLog(of:partition:because:by:)``). In turn with other changes.
    func add(
        _ reopening: LogReopening, to topic: Topic, action: String, _ details: [String: String], by peer: Peer
    ) async throws(AdministrationRefusal) {
        var values = topic.record.configuration
        values[LogReopening.setting] = (topic.configuration.reopenings + [reopening]).map(\.word).joined(separator: ",")
        let configuration: TopicConfiguration
        do { configuration = try TopicConfiguration(values, defaultsOf: services.settings) } catch { throw AdministrationRefusal(error) }
        try await apply(values, configuration, to: topic, as: action, details, by: peer)
    }

    private func apply(
        _ values: [String: String], _ configuration: TopicConfiguration, to topic: Topic, as action: String = "topic.configure",
        _ more: [String: String] = [:], by peer: Peer
    ) async throws(AdministrationRefusal) {
        let before = topic.record.configuration
        var details = more
        for key in Set(values.keys).union(before.keys) where values[key] != before[key] {
            details[key] = "\(before[key] ?? "default") → \(values[key] ?? "default")"
        }
        try await announce(action, topic.name, details, by: peer)
        do throws(StorageError) {
            try await services.metadata.apply(.setTopicConfiguration(topic: topic.id, configuration: values))
        } catch {
            throw await failed(action, topic.name, error, by: peer)
        }
        var record = topic.record
        record.configuration = values
        let next = Topic(record: record, configuration: configuration, partitions: topic.partitions)
        services.install(catalogue: services.catalogue.value.with(next))
        let settings = configuration.partitionSettings(brokerOwned: topic.isBrokerOwned)
        for log in topic.partitions {
            // Committed already: a log that cannot take it now takes it at the next start.
            do { try await log.apply(settings) } catch {
                services.log.error("\(topic.name), \(log.id): the new settings wait for the next start: \(error)")
            }
        }
    }

    // MARK: Records

    /// Cuts a partition's head: every record before the offset is gone for good.
    /// - Parameter offset: -1 for the high watermark.
    /// - Returns: the new log start.
    func deleteRecords(
        before offset: Int64, partition: Int32, of name: String, by peer: Peer
    ) async -> Result<Int64, AdministrationRefusal> {
        // In turn: a hold that is placed is heeded by all that comes after it.
        await services.changes.inTurn { await self.deleteRecordsNow(before: offset, partition: partition, of: name, by: peer) }
    }

    private func deleteRecordsNow(
        before offset: Int64, partition: Int32, of name: String, by peer: Peer
    ) async -> Result<Int64, AdministrationRefusal> {
        guard let topic = services.catalogue.value[name] else { return .failure(unknown(name, to: peer)) }
        guard let log = topic.partition(partition) else {
            return .failure(AdministrationRefusal(.unknownTopicOrPartition, "“\(name)” has no partition \(partition)"))
        }
        let bounds = log.bounds
        let target = offset == -1 ? bounds.highWatermark : Offset(offset)
        guard target >= .zero, target <= bounds.highWatermark else {
            return .failure(AdministrationRefusal(.offsetOutOfRange, "the partition ends at \(bounds.highWatermark)"))
        }
        guard target > bounds.logStart else { return .success(bounds.logStart.rawValue) }
        do throws(AdministrationRefusal) {
            try await judgeHolds(of: topic, "records.delete", by: peer)
            let details = ["partition": String(partition), "from": "\(bounds.logStart)", "before": "\(target)"]
            try await announce("records.delete", name, details, by: peer)
            do throws(StorageError) {
                return .success(try await log.truncateHead(before: target).rawValue)
            } catch {
                throw await failed("records.delete", name, error, by: peer)
            }
        } catch {
            return .failure(error)
        }
    }

    // MARK: Steps

    private func judgeHolds(of topic: Topic, _ action: String, by peer: Peer) async throws(AdministrationRefusal) {
        guard let refusal = AdministrationRefusal(heldBy: topic.configuration.holds, topic.name) else { return }
        try await announce("\(action).refused", topic.name, ["hold": topic.configuration.hold], by: peer)
        throw refusal
    }

    private func openPartitions(
        of record: TopicRecord, _ numbers: Range<Int32>, _ configuration: TopicConfiguration
    ) async throws(StorageError) -> [any PartitionLog] {
        let settings = configuration.partitionSettings(brokerOwned: TopicName.isBrokerOwned(record.name))
        var logs: [any PartitionLog] = []
        for number in numbers {
            logs.append(
                try await services.store.create(PartitionID(topic: record.id, partition: number), settings: settings))
        }
        return logs
    }

    private func removePartitions(of id: UUID128, from first: Int32 = 0, count: Int32) async {
        for number in first..<count {
            do {
                try await services.store.delete(PartitionID(topic: id, partition: number))
            } catch {
                services.log.warning("\(PartitionID(topic: id, partition: number)) is removed at the next start: \(error)")
            }
        }
    }

    /// The audit first: a change that cannot be recorded is not made.
    private func announce(
        _ action: String, _ name: String, _ details: [String: String], by peer: Peer
    ) async throws(AdministrationRefusal) {
        do throws(StorageError) {
            try await services.audit.willChange(
                AuditedChange(action: action, object: "topic:\(name)", by: peer, details: details))
        } catch {
            throw AdministrationRefusal(
                .kafkaStorageError, "nothing was changed, because the change cannot be audited: \(error.sentence)")
        }
    }

    /// Tells the audit that an announced change was not made.
    private func failed(
        _ action: String, _ name: String, _ error: StorageError, by peer: Peer
    ) async -> AdministrationRefusal {
        services.log.error("\(action) \(name) failed: \(error)")
        let change = AuditedChange(
            action: "\(action).failed", object: "topic:\(name)", by: peer, details: ["why": error.sentence])
        try? await services.audit.willChange(change)
        return AdministrationRefusal(error)
    }

    /// Whoever may describe the topic learns that there is none.
    private func unknown(_ name: String, to peer: Peer) -> AdministrationRefusal {
        services.policy.value.decide(.describe(topic: name), for: peer.identity, at: services.clock.now()).isAllowed
            ? AdministrationRefusal(.unknownTopicOrPartition, "there is no topic “\(name.cut(to: 256))”") : .topicNotAuthorized
    }
}

extension Peer {
    var isOperator: Bool { identity.roles.contains(.operator) }
}

import AccessPolicy
public import KafkaWire
public import Logging
public import Storage

extension BrokerServices {
    /// From a metadata store and an empty or filled partition store to a broker that serves.
    ///
    /// The metadata is the truth: every partition that it knows is opened, and what a deletion or a creation left behind before a
    /// crash is removed. Partitions are made before the metadata knows them, so one that is not there was lost: it is offline, and the
    /// others serve. Nothing is served where the metadata or the whole log was lost, and records of a topic that the metadata never
    /// knew are kept and told about.
    /// - Parameters:
    ///   - image: what `metadata` answered to `load`, where the caller loaded it to open the store; each load begins a new run.
    ///   - audit: makes the audit log over the open topic `_audit.access`.
    public static func start(
        store: any PartitionStore, metadata: any MetadataStore, image loaded: MetadataImage? = nil, settings: BrokerSettings,
        clock: any BrokerClock, log: Logger, advertised: AdvertisedAddress,
        audit: (Topic, _ clusterID: UUID128) async throws(StorageError) -> any AccessAuditing
    ) async throws(BrokerStartError) -> BrokerServices {
        do throws(StorageError) {
            var image: MetadataImage
            if let loaded { image = loaded } else { image = try await metadata.load() }
            try refuseLostMetadata(image, store)
            try refuseLostLog(image, store)
            // The audit's topics are made in the metadata first: only on a first start, finished or not, may a partition be missing.
            let isFirstStart = await isFirstStart(image, store)
            for record in auditTopicsToMake(image, at: clock.now()) {
                // Later, the partition comes first: without its topic the next start removes it.
                if !isFirstStart { _ = try await store.create(PartitionID(topic: record.id, partition: 0), settings: PartitionSettings(mayUseReserve: true)) }
                try await metadata.apply(.createTopic(record))
                image.topics.append(record)
            }
            if let change = AuditSchema.change(of: image.registry, at: clock.now()) {
                try await metadata.apply(.changeRegistry(change))
                image.registry.schemas += change.addedSchemas
                image.registry.subjects += change.putSubjects
                image.registry.versions += change.putVersions
            }
            try await removeLeftPartitions(image, store, log)
            var topics: [Topic] = []
            for record in image.topics {
                let mayMake = isFirstStart && AuditTopic.all.contains(record.name)
                topics.append(try await open(record, mayMake: mayMake, store, settings, log))
            }
            guard let auditTopic = topics.first(where: { $0.name == AuditTopic.access }) else {
                preconditionFailure("the topic \(AuditTopic.access) was made and is not there")
            }
            let services = BrokerServices(
                store: store, metadata: metadata, settings: settings, clock: clock, audit: try await audit(auditTopic, image.clusterID), log: log,
                clusterID: image.clusterID, catalogue: TopicCatalogue(topics),
                policy: try policy(image.agreements, at: clock.now()), registry: registry(image.registry, settings, log),
                advertised: advertised)
            try await services.groups.load(image.groups)
            services.quotas.table.replace(with: QuotaTable(try await metadata.quotas()))
            let decisions = PartitionID(topic: auditTopic.id, partition: 0)
            let wake: @Sendable () -> Void = { [highWatermarks = services.highWatermarks] in highWatermarks.wakeReaders(of: decisions) }
            if services.audit.wakesReaders(by: wake) { services.highWatermarks.leaveAsleep(decisions) }
            services.warnOfCarelessQuarantines()
            services.readQuarantines()
            await services.deliveries.begin { id, partition in
                topics.first { $0.id.kafkaText == id }.map { $0.partition(partition)?.bounds.highWatermark.rawValue ?? 0 }
            }
            try await services.publishing.ledger.resolveInterrupted(in: store, log)
            return services
        } catch {
            throw BrokerStartError(error)
        }
    }

    private func warnOfCarelessQuarantines() {
        for (topic, quarantine) in catalogue.value.carelessQuarantines {
            log.warning(
                """
                topic \(quarantine.name) keeps refused records of \(topic.name), which is \(topic.configuration.classification), and is \
                \(quarantine.configuration.classification) itself: classify it \(topic.configuration.classification)
                """)
        }
    }

    /// Remembers again what is in the quarantines, one after the other and behind everybody else. Who refuses a record meanwhile has
    /// its quarantine read at once.
    private func readQuarantines() {
        let quarantines = catalogue.value.quarantineTopics
        guard !quarantines.isEmpty else { return }
        Task(priority: .background) { [quarantineMemory] in
            for quarantine in quarantines { await quarantineMemory.read(quarantine) }
        }
    }

    /// Stops in the order in which each part still finds what it needs. The listeners have drained before.
    public func shutDown() async {
        await groups.shutDown()
        for plane in highWatermarks.dataPlanes.value { await plane.closeDeliveries() }
        await deliveries.shutDown()
        await audit.shutDown()
        await store.shutDown()
        await metadata.shutDown()
    }

    /// A store with partitions beside metadata without a topic is a store whose metadata was lost or mixed up: what looks like
    /// partitions that nobody knows is then somebody's records.
    private static func refuseLostMetadata(_ image: MetadataImage, _ store: any PartitionStore) throws(StorageError) {
        let found = store.partitions().count
        guard image.topics.isEmpty, found > 0 else { return }
        throw .conflict(
            "the log holds \(found) partitions and the metadata knows no topic: the metadata was lost or belongs to another store; "
                + "restore both from one backup")
    }

    /// The same the other way round: an empty log beside topics is one that was lost, or a disk that is not mounted.
    private static func refuseLostLog(_ image: MetadataImage, _ store: any PartitionStore) throws(StorageError) {
        let known = image.topics.filter { !AuditTopic.all.contains($0.name) }.count
        guard known > 0, store.partitions().isEmpty else { return }
        throw .conflict(
            "the metadata knows \(known) topics and the log holds no partition: the log was lost, or its disk is not mounted; "
                + "mount it, or restore both from one backup")
    }

    /// Nothing but the audit's topics, and not a record in them: the first start, or what a crash left of it.
    private static func isFirstStart(_ image: MetadataImage, _ store: any PartitionStore) async -> Bool {
        guard image.topics.allSatisfy({ AuditTopic.all.contains($0.name) }) else { return false }
        for id in store.partitions() {
            guard let bounds = try? await store.create(id, settings: PartitionSettings(mayUseReserve: true)).bounds,
                bounds.highWatermark == .zero, bounds.state == .online
            else { return false }
        }
        return true
    }

    private static func auditTopicsToMake(_ image: MetadataImage, at now: Int64) -> [TopicRecord] {
        AuditTopic.all.filter { name in !image.topics.contains { $0.name == name } }.map { name in
            TopicRecord(
                name: name, id: .random(), partitionCount: 1, configuration: AuditTopic.configuration, createdAt: now, createdBy: "broker")
        }
    }

    private static func removeLeftPartitions(
        _ image: MetadataImage, _ store: any PartitionStore, _ log: Logger
    ) async throws(StorageError) {
        let counts = Dictionary(uniqueKeysWithValues: image.topics.map { ($0.id, $0.partitionCount) })
        for id in store.partitions() where id.partition >= counts[id.topic] ?? 0 {
            if try await mayRemove(id, image, store) {
                log.notice("removing partition \(id), left behind by a deletion or a creation that did not end")
                try await store.delete(id)
            } else {
                log.error(
                    """
                    partition \(id) holds records and the metadata never knew it; they are kept and not served. The metadata \
                    may be older than the log: restore both from one backup
                    """)
            }
        }
    }

    private static func mayRemove(
        _ id: PartitionID, _ image: MetadataImage, _ store: any PartitionStore
    ) async throws(StorageError) -> Bool {
        if image.deletedTopics.contains(id.topic) { return true }
        let bounds = try await store.create(id, settings: PartitionSettings()).bounds
        return bounds.highWatermark == .zero && bounds.state == .online
    }

    private static func policy(_ agreements: AgreementSet?, at now: Int64) throws(StorageError) -> PolicySnapshot {
        guard let agreements else { return .empty }
        let version = agreements.summary.version
        do {
            let accepted = try AgreementsCheck(files: agreements.files, at: now).accepted()
            return try PolicySnapshot(compiling: accepted, version: version)
        } catch {
            throw .conflict("version \(version) of the agreements, as it is stored, is not one that this version enforces: \(error)")
        }
    }

    /// A schema that an earlier version took and this one does not is a sentence in the log, and no reason not to start.
    private static func registry(_ image: RegistryImage, _ settings: BrokerSettings, _ log: Logger) -> SchemaRegistry {
        let registry = SchemaRegistry(image, options: settings.schemaOptions)
        for schema in registry.listed {
            guard let refusal = schema.refusal else { continue }
            let names = schema.memberships.map(\.name.description).joined(separator: ", ")
            log.error("records of \(names) are refused: \(refusal)")
        }
        return registry
    }

    // MARK: Topics

    /// How many partitions are opened at a time: recovery waits for the disk.
    private static let opensAtOnce = 8

    /// Opens the partitions of a stored topic. One that cannot be opened is offline.
    /// - Parameter mayMake: makes those that are missing; one that cannot be made is an error then.
    private static func open(
        _ record: TopicRecord, mayMake: Bool, _ store: any PartitionStore, _ settings: BrokerSettings, _ log: Logger
    ) async throws(StorageError) -> Topic {
        let configuration = configuration(of: record, settings, log)
        let partitionSettings = configuration.partitionSettings(brokerOwned: TopicName.isBrokerOwned(record.name))
        let opened = await openPartitions(of: record, mayMake: mayMake, partitionSettings, store)
        var logs: [any PartitionLog] = []
        for (number, result) in opened {
            do throws(StorageError) {
                logs.append(try result.get())
            } catch {
                if mayMake { throw error }
                let id = PartitionID(topic: record.id, partition: number)
                let why = "partition \(number) of topic \(record.name) (\(id)) is out of service: \(BrokerStartError(error))"
                log.error("\(why)")
                logs.append(OfflinePartition(id, because: why))
            }
        }
        return Topic(record: record, configuration: configuration, partitions: logs)
    }

    /// What was valid when it was set may be refused by a later version. A topic is not lost for that: it has the broker's
    /// defaults until somebody sets the key anew, except that nothing is deleted by a retention that nobody chose.
    private static func configuration(of record: TopicRecord, _ settings: BrokerSettings, _ log: Logger) -> TopicConfiguration {
        do {
            var configuration = try TopicConfiguration(record.configuration, defaultsOf: settings)
            // The broker's own records have no schema.
            if TopicName.isBrokerOwned(record.name) { configuration.schemaSubject = TopicRules.untyped }
            return configuration
        } catch {
            log.error("topic \(record.name) has a configuration that this version does not take, and gets the defaults: \(error)")
            var fallback = TopicConfiguration(defaultsOf: settings)
            fallback.retentionMilliseconds = -1
            fallback.retentionBytes = -1
            return fallback
        }
    }

    /// By partition number.
    private static func openPartitions(
        of record: TopicRecord, mayMake: Bool, _ settings: PartitionSettings, _ store: any PartitionStore
    ) async -> [(Int32, Result<any PartitionLog, StorageError>)] {
        typealias Opened = (Int32, Result<any PartitionLog, StorageError>)
        @Sendable func open(_ partition: Int32) async -> Opened {
            let id = PartitionID(topic: record.id, partition: partition)
            guard mayMake || store.partition(id) != nil else {
                return (partition, .failure(.corrupt("the log does not hold it any more; restore it from a backup")))
            }
            do throws(StorageError) {
                let log = try await store.create(id, settings: settings)
                return (partition, .success(log))
            } catch {
                return (partition, .failure(error))
            }
        }
        return await withTaskGroup(of: Opened.self) { group in
            var opened: [Opened] = []
            for partition in 0..<record.partitionCount {
                if Int(partition) >= opensAtOnce, let one = await group.next() { opened.append(one) }
                group.addTask { await open(partition) }
            }
            for await one in group { opened.append(one) }
            return opened.sorted { $0.0 < $1.0 }
        }
    }
}

/// Why the broker cannot start, in a sentence that says what to do.
public struct BrokerStartError: Error, CustomStringConvertible {
    public let cause: StorageError

    init(_ cause: StorageError) { self.cause = cause }

    public var description: String {
        switch cause {
        case .diskFull: "the disk is full; make room and start again"
        case .readOnly: "the data directory cannot be written to; check the mount and its permissions"
        case .io(let operation, let number): "\(operation) failed (errno \(number)); check the disk and its permissions"
        case .corrupt(let what): "stored data is damaged: \(what); run `hanbridge check`"
        case .offline(let what): what
        case .overloaded: "the log is overloaded; start again"
        case .offsetOutOfRange: "an offset is outside its log; run `hanbridge check`"
        case .unknownPartition(let id): "partition \(id) is missing; run `hanbridge check`"
        case .conflict(let what): what
        case .newerFormat(let found, let known):
            "the store has format \(found), written by a newer version of Hanbridge; this one knows up to \(known)"
        case .shutDown: "the store was shut down while the broker started"
        }
    }
}

import KafkaWire
import NIOConcurrencyHelpers
import Storage

/// A metadata store without a disk. What is in it is durable: a "restart" is a new broker over the same store.
///
/// Faults on request: `fail(with:)` refuses every write until told otherwise, `holdWrites` lets them wait until
/// `releaseWrites`, so that a test can do things between a write's beginning and its end.
final class InMemoryMetadataStore: MetadataStore {
    struct Contents: Sendable {
        var image = MetadataImage(
            clusterID: UUID128(high: 1, low: 2), runEpoch: 0, topics: [], groups: [], agreements: nil)
        var offsets: [String: [PartitionName: CommittedOffset]] = [:]
        var agreements: [AgreementSet] = []
        var nextProducerID: Int64 = 0
        var writers: [Digest256: Set<String>] = [:]
        var requests: [NamedRequest] = []
        var quotas: [QuotaRecord] = []
        var emergencies: [EmergencyRecord] = []
        var checkpoints: [StoredCheckpoint] = []
        var secrets: [String: [UInt8]] = [:]
        /// Every change and commit, in order.
        var writes = 0
        var error: StorageError?
        var holdsWrites = false
        var held: [CheckedContinuation<Void, Never>] = []
        var heldWatchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let contents = NIOLockedValueBox(Contents())

    init(topics: [TopicRecord] = []) {
        contents.withLockedValue { $0.image.topics = topics }
    }

    var snapshot: Contents { contents.withLockedValue { $0 } }
    func group(_ name: String) -> GroupRecord? { snapshot.image.groups.first { $0.group == name } }

    // MARK: Faults

    func fail(with error: StorageError?) { contents.withLockedValue { $0.error = error } }
    /// As a store that was filled before writers were noted.
    func forgetWriters() { contents.withLockedValue { $0.writers = [:] } }
    func holdWrites() { contents.withLockedValue { $0.holdsWrites = true } }

    /// Lets the held writes go on, and later ones too.
    func releaseWrites() {
        let held = contents.withLockedValue { contents in
            contents.holdsWrites = false
            defer { contents.held = [] }
            return contents.held
        }
        for continuation in held { continuation.resume() }
    }

    /// Waits until so many writes are held.
    func waitForHeldWrites(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isThere = contents.withLockedValue { contents in
                if contents.held.count >= count { return true }
                contents.heldWatchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func pass() async {
        guard contents.withLockedValue({ $0.holdsWrites }) else { return }
        await withCheckedContinuation { continuation in
            let (goesOn, watchers) = contents.withLockedValue { contents -> (Bool, [CheckedContinuation<Void, Never>]) in
                guard contents.holdsWrites else { return (true, []) }
                contents.held.append(continuation)
                let ready = contents.heldWatchers.filter { $0.count <= contents.held.count }
                contents.heldWatchers.removeAll { $0.count <= contents.held.count }
                return (false, ready.map(\.continuation))
            }
            if goesOn { continuation.resume() }
            for watcher in watchers { watcher.resume() }
        }
    }

    private func write(_ change: (inout Contents) throws(StorageError) -> Void) async throws(StorageError) {
        await pass()
        let failure: StorageError? = contents.withLockedValue { contents in
            if let error = contents.error { return error }
            var next = contents
            do throws(StorageError) { try change(&next) } catch { return error }
            next.writes += 1
            contents = next
            return nil
        }
        if let failure { throw failure }
    }

    // MARK: MetadataStore

    func load() async throws(StorageError) -> MetadataImage {
        contents.withLockedValue { contents in
            contents.image.runEpoch += 1
            contents.image.agreements = contents.agreements.last
            return contents.image
        }
    }

    func apply(_ change: MetadataChange) async throws(StorageError) {
        try await write { (contents) throws(StorageError) in try Self.apply(change, to: &contents) }
    }

    private static func apply(_ change: MetadataChange, to contents: inout Contents) throws(StorageError) {
        switch change {
        case .createTopic(let topic):
            guard !contents.image.topics.contains(where: { $0.name == topic.name }) else {
                throw .conflict("topic \(topic.name) exists")
            }
            contents.image.topics.append(topic)
        case .deleteTopic(let id):
            contents.image.topics.removeAll { $0.id == id }
            contents.image.deletedTopics.insert(id)
        case .setPartitionCount(let id, let count):
            for index in contents.image.topics.indices where contents.image.topics[index].id == id {
                contents.image.topics[index].partitionCount = count
            }
        case .setTopicConfiguration(let id, let configuration):
            for index in contents.image.topics.indices where contents.image.topics[index].id == id {
                contents.image.topics[index].configuration = configuration
            }
        case .putGroup(let group):
            contents.image.groups.removeAll { $0.group == group.group }
            contents.image.groups.append(group)
        case .deleteGroup(let group):
            contents.image.groups.removeAll { $0.group == group }
            contents.offsets[group] = nil
        case .deleteOffsets(let group, let partitions):
            for partition in partitions { contents.offsets[group]?[partition] = nil }
            if contents.offsets[group]?.isEmpty == true { contents.offsets[group] = nil }
        case .putAgreements(let set):
            guard set.summary.version == (contents.agreements.last?.summary.version ?? 0) + 1 else {
                throw .conflict("agreements version \(set.summary.version) is not the next one")
            }
            contents.agreements.append(set)
        case .changeRegistry(let change): try contents.image.registry.apply(change)
        case .putEmergency(let record):
            contents.emergencies.removeAll { $0.id == record.id }
            contents.emergencies.append(record)
        case .removeEmergency(let id): contents.emergencies.removeAll { $0.id == id }
        case .putQuotas(let record):
            contents.quotas.removeAll { $0.entity == record.entity }
            if !record.values.isEmpty { contents.quotas.append(record) }
        }
    }

    func offsets(ofGroup group: String) async throws(StorageError) -> [CommittedOffset] {
        Array(snapshot.offsets[group, default: [:]].values)
    }

    func groupsWithOffsets() async throws(StorageError) -> [String] { snapshot.offsets.keys.sorted() }

    func commit(_ offsets: [CommittedOffset], group: String) async throws(StorageError) {
        try await write { (contents) throws(StorageError) in
            for offset in offsets { contents.offsets[group, default: [:]][offset.partition] = offset }
        }
    }

    func expireOffsets(committedBefore time: Int64, exceptGroups active: Set<String>) async throws(StorageError) -> Int {
        var removed = 0
        try await write { (contents) throws(StorageError) in
            for (group, offsets) in contents.offsets where !active.contains(group) {
                let kept = offsets.filter { $0.value.committedAt >= time }
                removed += offsets.count - kept.count
                contents.offsets[group] = kept.isEmpty ? nil : kept
            }
        }
        return removed
    }

    func reserveProducerIDs(count: Int64) async throws(StorageError) -> Range<Int64> {
        var first: Int64 = 0
        try await write { (contents) throws(StorageError) in
            first = contents.nextProducerID
            contents.nextProducerID += count
        }
        return first..<first + count
    }

    func note(
        writer key: Digest256, principal: String, certificates: WriterCertificates, at time: Int64, pairsMax: Int
    ) async throws(StorageError) -> Set<String> {
        try await write { (contents) throws(StorageError) in contents.writers[key, default: []].insert(principal) }
        return snapshot.writers[key] ?? []
    }

    func certificates(ofWriter key: Digest256) async throws(StorageError) -> WriterCertificates { WriterCertificates(chain: []) }

    func principals(ofWriter key: Digest256) async throws(StorageError) -> Set<String> {
        if let error = snapshot.error { throw error }
        return snapshot.writers[key] ?? []
    }

    func secret(named name: String, orKeeping fresh: [UInt8]) async throws(StorageError) -> [UInt8] {
        try await write { (contents) throws(StorageError) in contents.secrets[name] = contents.secrets[name] ?? fresh }
        return snapshot.secrets[name] ?? fresh
    }

    func agreementVersions(limit: Int) async throws(StorageError) -> [AgreementSet.Summary] {
        snapshot.agreements.reversed().prefix(limit).map(\.summary)
    }

    func agreementSet(version: Int64) async throws(StorageError) -> AgreementSet? {
        snapshot.agreements.first { $0.summary.version == version }
    }

    func append(_ checkpoints: [StoredCheckpoint]) async throws(StorageError) {
        try await write { $0.checkpoints += checkpoints }
    }

    func lastCheckpoints() async throws(StorageError) -> [StoredCheckpoint] {
        Dictionary(grouping: snapshot.checkpoints, by: \.partition).values.compactMap { $0.max { $0.size < $1.size } }
    }

    func checkpoint(of partition: PartitionID, atLeast size: Int64) async throws(StorageError) -> StoredCheckpoint? {
        snapshot.checkpoints.filter { $0.partition == partition && $0.size >= size }.min { $0.size < $1.size }
    }

    func checkpoints(of partition: PartitionID, below size: Int64, limit: Int) async throws(StorageError) -> [StoredCheckpoint] {
        let found = snapshot.checkpoints.filter { $0.partition == partition && $0.size < size }
        return Array(found.sorted { $0.size > $1.size }.prefix(limit))
    }

    func witnessedCheckpoints(
        of partition: PartitionID, atLeast size: Int64, limit: Int
    ) async throws(StorageError) -> [StoredCheckpoint] {
        let found = snapshot.checkpoints.filter { $0.partition == partition && $0.size >= size && $0.isWitnessed }
        return Array(found.sorted { $0.size < $1.size }.prefix(limit))
    }

    func keepCosigned(_ checkpoints: [StoredCheckpoint]) async throws(StorageError) {
        try await write { (contents) throws(StorageError) in
            for checkpoint in checkpoints {
                for index in contents.checkpoints.indices
                where contents.checkpoints[index].partition == checkpoint.partition && contents.checkpoints[index].size == checkpoint.size {
                    contents.checkpoints[index] = checkpoint
                }
            }
        }
    }

    /// With their logs' names: those that are not thinned away.
    let keptCheckpoints = NIOLockedValueBox<[PartitionID: Int64]>([:])

    func keepCheckpoint(of partition: PartitionID, size: Int64) async throws(StorageError) {
        keptCheckpoints.withLockedValue { $0[partition] = size }
    }

    func thinCheckpoints(madeBefore time: Int64, witnessedMadeBefore witnessedTime: Int64) async throws(StorageError) {}

    func namedRequest(node: String, key: String) async throws(StorageError) -> NamedRequest? {
        snapshot.requests.first { $0.node == node && $0.key == key }
    }

    func put(_ request: NamedRequest, limits: NamedRequestLimits) async throws(StorageError) {
        try await write { (contents) throws(StorageError) in
            contents.requests.removeAll { $0.node == request.node && $0.key == request.key || $0.beganAt < limits.beganAtLeast }
            contents.requests.append(request)
        }
    }

    func removeNamedRequest(node: String, key: String) async throws(StorageError) {
        try await write { (contents) throws(StorageError) in contents.requests.removeAll { $0.node == node && $0.key == key } }
    }

    func emergencies() async throws(StorageError) -> [EmergencyRecord] { snapshot.emergencies }

    func quotas() async throws(StorageError) -> [QuotaRecord] { snapshot.quotas }

    func unansweredRequests() async throws(StorageError) -> [NamedRequest] { snapshot.requests.filter { !$0.isAnswered } }

    func copy(to destination: String) async throws(StorageError) {}
    func shutDown() async {}
}

extension RegistryImage {
    /// As the tables do.
    mutating func apply(_ change: RegistryChange) throws(StorageError) {
        for schema in change.addedSchemas {
            guard !schemas.contains(where: { $0.id == schema.id }) else { throw .conflict("schema id \(schema.id) is taken") }
            schemas.append(schema)
        }
        subjects.removeAll { old in change.putSubjects.contains { $0.name == old.name } }
        subjects += change.putSubjects
        versions.removeAll { old in change.putVersions.contains { $0.name == old.name } || change.removedVersions.contains(old.name) }
        versions += change.putVersions
        subjects.removeAll { change.removedSubjects.contains($0.name) }
        for id in change.removedSchemas {
            guard !versions.contains(where: { $0.schema == id }) else { throw .conflict("schema id \(id) is a version") }
            schemas.removeAll { $0.id == id }
        }
        settings = change.settings ?? settings
    }
}

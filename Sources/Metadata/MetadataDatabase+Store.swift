import Foundation
import GRDB
import KafkaWire
public import Storage

extension MetadataDatabase: MetadataStore {
    public func load() async throws(StorageError) -> MetadataImage {
        try await write { database in
            try OffsetTable.deleteOrphans(database)
            return MetadataImage(
                clusterID: try CounterTable.clusterID(database),
                runEpoch: try CounterTable.raiseRunEpoch(database),
                topics: try TopicTable.all(database),
                groups: try GroupTable.all(database),
                agreements: try AgreementTable.newest(database),
                deletedTopics: try TopicTable.deleted(database),
                registry: try RegistryTable.image(database))
        }
    }

    public func apply(_ change: MetadataChange) async throws(StorageError) {
        try await write { database in
            switch change {
            case .createTopic(let topic): try TopicTable.create(topic, database)
            case .deleteTopic(let id): try TopicTable.delete(id, database)
            case .setPartitionCount(let topic, let count): try TopicTable.setPartitionCount(count, of: topic, database)
            case .setTopicConfiguration(let topic, let configuration):
                try TopicTable.setConfiguration(configuration, of: topic, database)
            case .putGroup(let group): try GroupTable.put(group, database)
            case .deleteGroup(let group): try GroupTable.delete(group, database)
            case .deleteOffsets(let group, let partitions): try OffsetTable.delete(partitions, group: group, database)
            case .putAgreements(let set): try AgreementTable.put(set, database)
            case .changeRegistry(let change): try RegistryTable.apply(change, database)
            case .putQuotas(let record): try QuotaTable.put(record, database)
            case .putEmergency(let record): try EmergencyTable.put(record, database)
            case .removeEmergency(let id): try EmergencyTable.remove(id, database)
            }
        }
    }

    public func offsets(ofGroup group: String) async throws(StorageError) -> [CommittedOffset] {
        try await read { try OffsetTable.all(ofGroup: group, $0) }
    }

    public func groupsWithOffsets() async throws(StorageError) -> [String] {
        try await read { try OffsetTable.groups($0) }
    }

    public func commit(_ offsets: [CommittedOffset], group: String) async throws(StorageError) {
        try await offsetCommits.commit(offsets, group: group, in: pool)
    }

    public func expireOffsets(
        committedBefore time: Int64, exceptGroups active: Set<String>
    ) async throws(StorageError) -> Int {
        try await write { try OffsetTable.expire(committedBefore: time, exceptGroups: active, $0) }
    }

    public func reserveProducerIDs(count: Int64) async throws(StorageError) -> Range<Int64> {
        precondition(count > 0, "a block of producer ids needs at least one")
        return try await write { try CounterTable.reserveProducerIDs(count: count, $0) }
    }

    public func note(
        writer key: Digest256, principal: String, certificates: WriterCertificates, at time: Int64, pairsMax: Int
    ) async throws(StorageError) -> Set<String> {
        try await write { try WriterTable.note(key, principal, certificates, at: time, pairsMax: pairsMax, $0) }
    }

    public func certificates(ofWriter key: Digest256) async throws(StorageError) -> WriterCertificates {
        try await read { try WriterTable.certificates(of: key, $0) }
    }

    public func principals(ofWriter key: Digest256) async throws(StorageError) -> Set<String> {
        try await read { try WriterTable.principals(of: key, $0) }
    }

    public func secret(named name: String, orKeeping fresh: [UInt8]) async throws(StorageError) -> [UInt8] {
        try await write { try SecretTable.secret(named: name, orKeeping: fresh, $0) }
    }

    public func agreementVersions(limit: Int) async throws(StorageError) -> [AgreementSet.Summary] {
        try await read { try AgreementTable.summaries(limit: limit, $0) }
    }

    public func agreementSet(version: Int64) async throws(StorageError) -> AgreementSet? {
        try await read { try AgreementTable.set(version: version, $0) }
    }

    public func namedRequest(node: String, key: String) async throws(StorageError) -> NamedRequest? {
        try await read { try NamedRequestTable.find(node: node, key: key, $0) }
    }

    public func put(_ request: NamedRequest, limits: NamedRequestLimits) async throws(StorageError) {
        try await write { try NamedRequestTable.put(request, limits, $0) }
    }

    public func removeNamedRequest(node: String, key: String) async throws(StorageError) {
        try await write { try NamedRequestTable.remove(node: node, key: key, $0) }
    }

    public func unansweredRequests() async throws(StorageError) -> [NamedRequest] {
        try await read { try NamedRequestTable.unanswered($0) }
    }

    public func emergencies() async throws(StorageError) -> [EmergencyRecord] {
        try await read { try EmergencyTable.all($0) }
    }

    public func quotas() async throws(StorageError) -> [QuotaRecord] {
        try await read { try QuotaTable.all($0) }
    }

    public func append(_ checkpoints: [StoredCheckpoint]) async throws(StorageError) {
        try await write { try CheckpointTable.append(checkpoints, $0) }
    }

    public func lastCheckpoints() async throws(StorageError) -> [StoredCheckpoint] {
        try await read { try CheckpointTable.last($0) }
    }

    public func checkpoint(of partition: PartitionID, atLeast size: Int64) async throws(StorageError) -> StoredCheckpoint? {
        try await read { try CheckpointTable.first(of: partition, atLeast: size, $0) }
    }

    public func checkpoints(of partition: PartitionID, below size: Int64, limit: Int) async throws(StorageError) -> [StoredCheckpoint] {
        try await read { try CheckpointTable.last(of: partition, below: size, limit: limit, $0) }
    }

    public func keepCheckpoint(of partition: PartitionID, size: Int64) async throws(StorageError) {
        try await write { try CheckpointTable.keep(partition, size: size, $0) }
    }

    public func witnessedCheckpoints(
        of partition: PartitionID, atLeast size: Int64, limit: Int
    ) async throws(StorageError) -> [StoredCheckpoint] {
        try await read { try CheckpointTable.witnessed(of: partition, atLeast: size, limit: limit, $0) }
    }

    public func keepCosigned(_ checkpoints: [StoredCheckpoint]) async throws(StorageError) {
        try await write { try CheckpointTable.keepCosigned(checkpoints, $0) }
    }

    public func thinCheckpoints(madeBefore time: Int64, witnessedMadeBefore witnessedTime: Int64) async throws(StorageError) {
        try await write { database in
            try CheckpointTable.thin(madeBefore: time, isWitnessed: false, database)
            try CheckpointTable.thin(madeBefore: witnessedTime, isWitnessed: true, database)
        }
    }

    /// SQLite's online backup: a consistent copy while the writer goes on.
    ///
    /// - Throws: `.conflict` when there is a file already: a backup never overwrites one.
    public func copy(to destination: String) async throws(StorageError) {
        guard !FileManager.default.fileExists(atPath: destination) else {
            throw .conflict("“\(destination)” exists already")
        }
        do {
            let copy = try DatabaseQueue(path: destination)
            defer { try? copy.close() }
            try pool.backup(to: copy)
        } catch {
            throw StorageError(metadata: error)
        }
    }

    /// Waits for what is being committed, folds the WAL into the database and closes it.
    public func shutDown() async {
        await offsetCommits.close(in: pool)
        try? pool.close()
    }
}

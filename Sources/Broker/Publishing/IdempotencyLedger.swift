import Crypto
import Foundation
import KafkaWire
import Logging
import NIOCore
import Storage

// Publishing once, however often it is asked (draft-ietf-httpapi-idempotency-key-header).
//
// A lost answer leaves a publisher with two bad choices: to send again and perhaps double, or not to and perhaps lose. With an
// Idempotency-Key the same request gets the same answer. What makes that true across a crash:
//
//   1. The request gets a producer id that nobody else ever had. It goes into the header of each of its batches: the log itself tells
//      then which records are of which request, whatever else was lost.
//   2. Before the first append the metadata store has a durable row: the key, the fingerprint of the request, and for each partition the
//      offset above which such batches can only be, and which records they hold in which order.
//   3. The appends. 4. The answer goes into the row. 5. It goes out.
//
// A crash between 2 and 4 leaves a row without an answer. At the next start, before anything is served, each of its partitions is read
// from the noted offset on: a batch with the producer id is found or is not there, and nothing of an earlier run can still come. What
// was found is in; the retry publishes what was not. So every record is there once. The scan costs what was appended while the request
// was on its way, because it runs at start and not when the retry comes.
//
// The same row serves a request that the disk refused half-way: what is in is kept as known, and only what may be there and was not
// told (`.io`) is looked for again. A key belongs to one node; its fingerprint tells a repeat from another request, which is refused.
// What was answered before anything was looked at (403, 413 …), or before the first append, uses up no key.
//
// The producer ids of requests are a range of their own (`ProducerIDRange.firstOfRequests`): nothing is ever sent twice under one of them, so the
// log remembers none, and Kafka's producers are not pushed out of its memory by requests.

/// What a row holds: JSON, compressed.
struct SubmissionState: Codable, Hashable {
    /// Records whose place is known; with an answer all of them.
    var known: [RecordOutcome] = []
    /// Where more of them may be.
    var pending: [Pending] = []

    struct Pending: Codable, Hashable {
        let topic: [UInt64]
        let partition: Int32
        /// No batch of the request stands below.
        let from: Int64
        let producerID: Int64
        /// The records that were to go there, by their sequence.
        let indices: [Int]

        var id: PartitionID { PartitionID(topic: UUID128(high: topic[0], low: topic[1]), partition: partition) }
    }

    func encoded() -> [UInt8] {
        // Numbers, strings and lists: they always encode.
        let json = (try? JSONEncoder().encode(self)) ?? Data()
        var output = ByteBuffer()
        Codec.zstd.deflate(ByteBuffer(bytes: json), into: &output)
        return Array(output.readableBytesView)
    }

    /// - Returns: nil for what this version does not read.
    init?(encoded: [UInt8]) {
        guard let json = try? Codec.zstd.inflated(ByteBuffer(bytes: encoded), inflatedBytesMax: Self.bytesMax),
            let state = try? JSONDecoder().decode(SubmissionState.self, from: Data(json.readableBytesView)),
            state.pending.allSatisfy({ $0.topic.count == 2 })
        else { return nil }
        self = state
    }

    init() {}

    /// Every record of a body refused in both languages is well below it.
    private static let bytesMax = 64 << 20
}

/// Which named requests are being worked on, and the rows of those that were.
actor IdempotencyLedger {
    struct Name: Hashable {
        let node: String
        let key: String
    }

    enum Claim {
        /// The caller's to do, from what an earlier try has left; it releases it at the end.
        case granted(SubmissionState, beganAt: Int64)
        case answered(SubmissionAnswer)
        case inFlight
        case otherRequest
        case tooManyInFlight
    }

    private let metadata: any MetadataStore
    private let clock: any BrokerClock
    private let limits: IdempotencyLimits
    private var inFlight: [Name: Digest256] = [:]
    private var inFlightOfNode: [String: Int] = [:]

    init(metadata: any MetadataStore, clock: any BrokerClock, limits: IdempotencyLimits = IdempotencyLimits()) {
        self.metadata = metadata
        self.clock = clock
        self.limits = limits
    }

    func claim(_ name: Name, _ fingerprint: Digest256) async throws(StorageError) -> Claim {
        if let other = inFlight[name] { return other == fingerprint ? .inFlight : .otherRequest }
        guard inFlight.count < limits.inFlightMax, inFlightOfNode[name.node, default: 0] < limits.inFlightPerNodeMax else {
            return .tooManyInFlight
        }
        // Before the look-up: a second one of this name must not pass while it runs.
        inFlight[name] = fingerprint
        inFlightOfNode[name.node, default: 0] += 1
        do throws(StorageError) {
            let claim = try await known(name, fingerprint)
            if case .granted = claim { return claim }
            release(name)
            return claim
        } catch {
            release(name)
            throw error
        }
    }

    private func known(_ name: Name, _ fingerprint: Digest256) async throws(StorageError) -> Claim {
        let now = clock.now()
        guard let request = try await metadata.namedRequest(node: name.node, key: name.key), request.beganAt >= limits.beganAtLeast(now)
        else { return .granted(SubmissionState(), beganAt: now) }
        guard request.fingerprint == fingerprint else { return .otherRequest }
        guard let state = SubmissionState(encoded: request.content) else {
            throw .corrupt("metadata: what is kept for an idempotency key cannot be read")
        }
        return request.isAnswered ? .answered(SubmissionAnswer(records: state.known)) : .granted(state, beganAt: request.beganAt)
    }

    func release(_ name: Name) {
        guard inFlight.removeValue(forKey: name) != nil, let count = inFlightOfNode[name.node] else {
            preconditionFailure("an idempotency key was released that nobody held")
        }
        inFlightOfNode[name.node] = count == 1 ? nil : count - 1
    }

    func put(_ name: Name, _ fingerprint: Digest256, _ state: SubmissionState, beganAt: Int64, isAnswered: Bool) async throws(StorageError) {
        try await put(
            NamedRequest(
                node: name.node, key: name.key, fingerprint: fingerprint, beganAt: beganAt, isAnswered: isAnswered, content: state.encoded()))
    }

    /// Nothing of it is in and nothing can be any more: the key is free again.
    func forget(_ name: Name) async throws(StorageError) {
        try await metadata.removeNamedRequest(node: name.node, key: name.key)
    }

    private func put(_ request: NamedRequest) async throws(StorageError) {
        try await metadata.put(request, limits: limits.rows(at: clock.now()))
    }

    /// At start, before anything is served: finds what requests that a crash interrupted have left in the log.
    func resolveInterrupted(in store: any PartitionStore, _ log: Logger) async throws(StorageError) {
        var interrupted: [(request: NamedRequest, state: SubmissionState)] = []
        var wanted: [PartitionID: (from: Int64, producers: Set<Int64>)] = [:]
        // What is older is forgotten, and nobody may ask for it again.
        let beganAtLeast = limits.beganAtLeast(clock.now())
        for request in try await metadata.unansweredRequests() where request.beganAt >= beganAtLeast {
            guard let state = SubmissionState(encoded: request.content), !state.pending.isEmpty else { continue }
            interrupted.append((request, state))
            for pending in state.pending {
                let known = wanted[pending.id] ?? (pending.from, [])
                wanted[pending.id] = (min(known.from, pending.from), known.producers.union([pending.producerID]))
            }
        }
        guard !interrupted.isEmpty else { return }
        var found: [PartitionID: [Int64: [PublishedBatch]]] = [:]
        for (id, scan) in wanted {
            do throws(StorageError) {
                found[id] = try await PublishedBatch.find(scan.producers, in: store.partition(id), from: scan.from)
            } catch {
                // Its requests stay unresolved: a retry looks again, and is refused as long as the partition cannot be read.
                log.warning("interrupted requests of partition \(id) are not resolved: \(error.sentence)")
            }
        }
        for (request, state) in interrupted {
            var request = request
            request.content = state.resolved(by: found).encoded()
            try await put(request)
        }
        log.notice("\(interrupted.count) interrupted publishing requests were looked up in the log")
    }

    /// The same for one request.
    static func resolve(_ state: SubmissionState, in store: any PartitionStore) async throws(StorageError) -> SubmissionState {
        var found: [PartitionID: [Int64: [PublishedBatch]]] = [:]
        for pending in state.pending {
            let batches = try await PublishedBatch.find([pending.producerID], in: store.partition(pending.id), from: pending.from)
            found[pending.id, default: [:]].merge(batches) { $0 + $1 }
        }
        return state.resolved(by: found)
    }
}

extension SubmissionState {
    /// What was looked for is known now, or known not to be there.
    fileprivate func resolved(by found: [PartitionID: [Int64: [PublishedBatch]]]) -> SubmissionState {
        var state = self
        state.pending = []
        for pending in pending {
            guard let partition = found[pending.id] else {
                state.pending.append(pending)
                continue
            }
            for batch in partition[pending.producerID] ?? [] {
                for place in 0..<batch.count where batch.sequence + place < pending.indices.count {
                    let result = RecordOutcome.Result.appended(partition: pending.partition, offset: batch.base + Int64(place))
                    state.known.append(RecordOutcome(index: pending.indices[batch.sequence + place], line: nil, result: result))
                }
            }
        }
        return state
    }
}

/// A batch that the log holds of a request.
struct PublishedBatch: Hashable {
    let sequence: Int
    let count: Int
    let base: Int64

    private static let readBytes = 1 << 20

    /// Reads a partition from an offset to its end for batches of these producers. Retention may have taken some since: nothing then tells
    /// of them, as after a day, when the key itself is forgotten.
    /// - Parameter log: nil for a partition that was deleted, which holds nothing.
    static func find(_ producers: Set<Int64>, in log: (any PartitionLog)?, from: Int64) async throws(StorageError) -> [Int64: [PublishedBatch]] {
        guard let log else { return [:] }
        var found: [Int64: [PublishedBatch]] = [:]
        let bounds = log.bounds
        switch bounds.state {
        case .online: break
        // A frame that the disk refused may stand above what is served, and come back at the next start.
        case .readOnly: throw .readOnly
        case .offline(let why): throw .offline(why)
        }
        var next = max(Offset(from), bounds.logStart)
        while next < bounds.highWatermark {
            let request = LogReadRequest(from: next, bytesMax: readBytes, firstBatchWhole: true)
            let result = await withCheckedContinuation { continuation in log.read(request) { continuation.resume(returning: $0) } }
            guard let last = try result.get().batches.last else { return found }
            for batch in try result.get().batches {
                guard let header = try? RecordBatchHeader(peekingAt: batch.bytes), producers.contains(header.producerID) else { continue }
                found[header.producerID, default: []].append(
                    PublishedBatch(sequence: Int(header.baseSequence), count: Int(header.recordCount), base: batch.baseOffset.rawValue))
            }
            next = last.lastOffset.advanced(by: 1)
        }
        return found
    }
}

extension RecordSubmission {
    /// Of everything that tells one request from another.
    var fingerprint: Digest256 {
        var hash = SHA256()
        func add(_ bytes: some Collection<UInt8>) {
            withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: Array(bytes))
        }
        add(topic.utf8)
        add([form.rawValue, isFramed ? 1 : 0])
        for number in [partition, schemaID, schemaVersion] { add((number.map(String.init) ?? "-").utf8) }
        add((keyField.map { "+" + $0 } ?? "-").utf8)
        add(body)
        guard let digest = Digest256(bytes: Array(hash.finalize())) else { preconditionFailure("SHA-256 has 32 bytes") }
        return digest
    }
}

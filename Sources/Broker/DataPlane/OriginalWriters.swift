import KafkaWire
import NIOCore
import Storage

/// What is known of the records that others correct, by topic and place.
typealias OriginalWriters = [UUID128: [RecordPlace: OriginalWriter]]

/// Who wrote a record that another one corrects.
enum OriginalWriter: Hashable {
    /// The key that wrote it, and everybody who published with that key.
    case publisher(key: Digest256, principals: Set<String>)
    case noSuchRecord
    /// Nobody knows now: that is no verdict on the correction.
    case unreadable(StorageError)

    /// Whether it is the same publisher: the same key, or another one of the same node, as a renewed certificate has it.
    func isWritten(by principal: String, key: Digest256) -> Bool {
        switch self {
        case .publisher(key, _): true
        case .publisher(_, let principals): principals.contains(principal)
        case .noSuchRecord, .unreadable: false
        }
    }
}

/// A record that another one corrects.
struct OriginalRecord {
    let topic: Topic
    let place: RecordPlace
}

extension KafkaSession {
    /// Reads who wrote records, one after the other: each costs the memory of its batch. On the event loop, as is the answer, which comes
    /// later in any case; it does not come once the connection has ended.
    func findOriginals(_ wanted: [OriginalRecord], answer: @escaping (OriginalWriters) -> Void) {
        find(wanted[...], found: [:], answer: answer)
    }

    private func find(_ wanted: ArraySlice<OriginalRecord>, found: OriginalWriters, answer: @escaping (OriginalWriters) -> Void) {
        guard let original = wanted.first else { return answer(found) }
        read(original) { [self] writer in
            var found = found
            found[original.topic.id, default: [:]].updateValue(writer, forKey: original.place)
            find(wanted.dropFirst(), found: found, answer: answer)
        }
    }

    private func read(_ original: OriginalRecord, answer: @escaping (OriginalWriter) -> Void) {
        guard let log = original.topic.partition(original.place.partition) else { return answer(.noSuchRecord) }
        let bound = NIOLoopBound(
            { [self] (read: Result<Digest256?, StorageError>) in
                guard isOpen else { return }
                switch read {
                case .success(let key?): name(key, answer: answer)
                case .success(nil), .failure(.offsetOutOfRange): answer(.noSuchRecord)
                case .failure(let error): answer(.unreadable(error))
                }
            }, eventLoop: eventLoop)
        let eventLoop = eventLoop
        let offset = Offset(original.place.offset)
        log.read(LogReadRequest(from: offset, bytesMax: 1, firstBatchWhole: true)) { result in
            let writer = result.map { slice in slice.batches.first { $0.baseOffset <= offset && offset <= $0.lastOffset }?.writer }
            eventLoop.execute { bound.value(writer) }
        }
    }

    /// Whose key it is; asked only where it is not the peer's own.
    private func name(_ key: Digest256, answer: @escaping (OriginalWriter) -> Void) {
        guard key != peer.writer, key != .zero else { return answer(.publisher(key: key, principals: [])) }
        if let known = services.writers.principals(of: key) { return answer(.publisher(key: key, principals: known)) }
        let bound = NIOLoopBound(
            { [self] (writer: OriginalWriter) in if isOpen { answer(writer) } }, eventLoop: eventLoop)
        let (eventLoop, writers) = (eventLoop, services.writers)
        Task {
            let writer: OriginalWriter
            do throws(StorageError) {
                writer = .publisher(key: key, principals: try await writers.findPrincipals(of: key))
            } catch {
                writer = .unreadable(error)
            }
            eventLoop.execute { bound.value(writer) }
        }
    }
}

import DequeModule
import NIOConcurrencyHelpers
import Storage

/// Which refused records are in a quarantine, so that one is kept once however often its publisher tries again.
///
/// Shared by all event loops: the lock is short and is taken only where a record was refused.
final class QuarantineMemory: Sendable {
    enum Known: Hashable {
        /// It was not there and is the caller's to keep.
        case reserved
        /// Somebody is keeping it now.
        case pending
        case kept(QuarantineEntry)
    }

    fileprivate struct State {
        /// nil while it is being kept.
        var entries: [Digest256: QuarantineEntry?] = [:]
        var order: Deque<Digest256> = []
    }

    private let state = NIOLockedValueBox(State())
    private let countMax: Int

    init(countMax: Int = Limits.quarantineMemoryMax) { self.countMax = countMax }

    var count: Int { state.withLockedValue { $0.entries.count } }

    func reserve(_ digest: Digest256) -> Known {
        state.withLockedValue { state in
            if let known = state.entries[digest] { return known.map(Known.kept) ?? .pending }
            state.note(digest, nil, countMax: countMax)
            return .reserved
        }
    }

    /// It is durable in the quarantine.
    func kept(_ digest: Digest256, as entry: QuarantineEntry) {
        state.withLockedValue { state in
            if state.entries[digest] != nil { state.entries[digest] = .some(entry) } else { state.note(digest, entry, countMax: countMax) }
        }
    }

    /// It could not be kept: the next try is the first again.
    func released(_ digest: Digest256) {
        state.withLockedValue { state in
            if case .some(.none) = state.entries[digest] { state.entries[digest] = nil }
        }
    }
}

extension QuarantineMemory.State {
    fileprivate mutating func note(_ digest: Digest256, _ entry: QuarantineEntry?, countMax: Int) {
        while order.count >= countMax, let oldest = order.popFirst() { entries[oldest] = nil }
        entries[digest] = .some(entry)
        order.append(digest)
    }
}

/// Where a refused record is kept.
struct QuarantineEntry: Hashable, CustomStringConvertible {
    let topic: String
    let partition: Int32
    let offset: Int64

    var description: String { "\(topic)/\(partition)/\(offset)" }
}

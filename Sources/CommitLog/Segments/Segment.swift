import NIOConcurrencyHelpers
import Storage

/// One file of a partition's log, as everybody may see it: only what is durable. The log thread alone raises it, after a sync.
final class Segment: Sendable {
    let identity: SegmentIdentity
    let name: SegmentName
    let path: String
    let indexPath: String

    struct State: Sendable {
        var facts: SegmentFacts
        /// nil until somebody looks something up in a closed segment.
        var index: SparseIndex?
        /// Where recent reads ended, which is where the next ones begin: a subscriber that follows the log never walks.
        var readEnds: [(offset: Int64, position: Int64)] = []
        var gathered: Gathered?
        /// Below it the page cache holds nothing on our behalf: it was let go, or written before the start.
        var coldEnd: Int64
    }
    let state: NIOLockedValueBox<State>

    /// The last frames below `facts.endPosition`, where the file lacks them.
    struct Gathered: Sendable {
        let frames: GatheredFrames
        let count: Int
        var position: Int64 { frames.position }
    }

    private static let readEndsMax = 8

    init(facts: SegmentFacts, partition: PartitionID, layout: StoreLayout, index: SparseIndex?) {
        self.identity = SegmentIdentity(partition: partition, generation: facts.generation)
        self.name = SegmentName(baseOffset: facts.baseOffset, generation: facts.generation)
        self.path = layout.segment(name, of: partition)
        self.indexPath = layout.index(name, of: partition)
        self.state = NIOLockedValueBox(State(facts: facts, index: index, coldEnd: facts.endPosition))
    }

    var baseOffset: Int64 { name.baseOffset }
    var isIndexed: Bool { state.withLockedValue { $0.index != nil } }
    var facts: SegmentFacts { state.withLockedValue { $0.facts } }
    var coldEnd: Int64 { state.withLockedValue { $0.coldEnd } }
    var gathered: Gathered? { state.withLockedValue { $0.gathered } }

    /// After the sync: what it made durable, and of that what the file lacks.
    func raise(to facts: SegmentFacts, indexing entries: [SparseIndex.Entry], gathered: GatheredFrames? = nil) {
        state.withLockedValue { state in
            state.facts = facts
            state.gathered = gathered.map { Gathered(frames: $0, count: $0.count) }
            for entry in entries { state.index?.add(entry) }
        }
    }

    /// The file has them, or nobody needs them any more.
    func forgetGathered() {
        state.withLockedValue { $0.gathered = nil }
    }

    func noteLetGo(below position: Int64) {
        state.withLockedValue { $0.coldEnd = max($0.coldEnd, position) }
    }

    func noteReadEnd(offset: Int64, position: Int64) {
        state.withLockedValue { state in
            if let known = state.readEnds.firstIndex(where: { $0.offset == offset }) { state.readEnds.remove(at: known) }
            if state.readEnds.count == Self.readEndsMax { state.readEnds.removeFirst() }
            state.readEnds.append((offset, position))
        }
    }

    /// Exactly where `offset` begins, if a read has just ended there.
    func recentPosition(of offset: Int64) -> Int64? {
        state.withLockedValue { state in state.readEnds.last { $0.offset == offset }?.position }
    }
}

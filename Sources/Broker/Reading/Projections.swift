import AccessPolicy
import KafkaWire
import Logging
import NIOConcurrencyHelpers
import Storage

/// What all reading under restrictions shares: the restrictions in force, the batches that were made under them, the threads that make them.
final class Projections: Sendable {
    let batches: ProjectedBatches
    let crew: ProjectionCrew
    let withheld: WithheldRecords
    /// How long a fetch waits for what is being made.
    let waitMilliseconds: Int64
    private let state = NIOLockedValueBox(State())
    private let policy: SnapshotBox<PolicySnapshot>
    private let log: Logger

    private struct State {
        var restrictions: [Restriction.Terms: Restriction] = [:]
        var nextID: UInt64 = 1
        /// Counts the policies.
        var generation: UInt64 = 0
        var secret: [UInt8]?
        /// Who waits for what is being made.
        var making: [Making: [MakingWaiter]] = [:]
        /// Derived schemas under which records are shown: by the policy in force, and by the one before, whose last answers are on their way.
        var schemas: Set<Int32> = []
        var schemasBefore: Set<Int32> = []
    }

    struct Making: Hashable {
        let restriction: UInt64
        let part: RestrictionPart
    }

    /// - Parameter policy: the one in force.
    init(
        _ policy: SnapshotBox<PolicySnapshot>, log: Logger, batches: ProjectedBatches = ProjectedBatches(), crew: ProjectionCrew = ProjectionCrew(),
        withheld: WithheldRecords = WithheldRecords(), waitMilliseconds: Int64 = ReadingLimits.makingMilliseconds
    ) {
        self.policy = policy
        self.log = log
        self.batches = batches
        self.crew = crew
        self.withheld = withheld
        self.waitMilliseconds = waitMilliseconds
    }

    /// The one restriction of these views on a topic; nil for a decision that shows every record as it was published.
    /// - Parameter policy: what decided. Under one that is not in force any more nothing is shared or kept.
    func restriction(of scope: RecordScope, on topic: Topic, under policy: PolicySnapshot) -> Restriction? {
        guard case .views(let views) = scope else { return nil }
        let terms = Restriction.Terms(views, of: topic)
        let (restriction, isNew) = state.withLockedValue { state in
            let isInForce = self.policy.value === policy
            if isInForce, let known = state.restrictions[terms] { return (known, false) }
            let made = Restriction(id: state.nextID, generation: isInForce ? state.generation : nil, terms, topicName: topic.name)
            state.nextID += 1
            guard isInForce else { return (made, false) }
            if state.restrictions.count >= ReadingLimits.restrictionsMax { state.restrictions = [:] }
            state.restrictions[terms] = made
            return (made, true)
        }
        if isNew, terms.valueSubject == nil {
            log.warning(
                "topic \(topic.name) is untyped: subscribers whose agreement names fields or rows get none of its records (\(views.map(\.citation).joined(separator: ", ")))"
            )
        }
        return restriction
    }

    /// Puts another policy in force: nothing that was made under the one before is kept, and nothing of it comes in any more. In one step, so
    /// that nobody decides by the one and is given a restriction of the other's. Sessions decide again by themselves.
    func install(policy next: PolicySnapshot) {
        let generation = state.withLockedValue { state in
            state.restrictions = [:]
            state.generation += 1
            (state.schemasBefore, state.schemas) = (state.schemas, [])
            policy.replace(with: next)
            return state.generation
        }
        batches.begin(generation: generation)
    }

    // MARK: Schemas

    /// Records are shown under a derived schema.
    func use(_ schema: Int32) { state.withLockedValue { _ = $0.schemas.insert(schema) } }

    var schemasInUse: Set<Int32> { state.withLockedValue { $0.schemas.union($0.schemasBefore) } }

    // MARK: Making parts

    /// - Returns: whether the caller is the first to ask, and makes it; the others wait.
    func begin(_ making: Making, _ waiter: MakingWaiter) -> Bool {
        state.withLockedValue { state in
            let isFirst = state.making[making] == nil
            state.making[making, default: []].append(waiter)
            return isFirst
        }
    }

    /// It waits no longer; what is being made is made all the same, for whoever asks next.
    func leave(_ making: Making, _ waiter: MakingWaiter) {
        state.withLockedValue { $0.making[making]?.removeAll { $0 === waiter } }
    }

    /// How many wait, for whatever is being made.
    var waiterCount: Int { state.withLockedValue { $0.making.values.reduce(0) { $0 + $1.count } } }

    func end(_ making: Making, _ result: Result<Void, StorageError>) {
        let waiters = state.withLockedValue { $0.making.removeValue(forKey: making) ?? [] }
        for waiter in waiters { waiter.made(result) }
    }

    /// The store's secret, once it was read or made.
    var secret: [UInt8]? {
        get { state.withLockedValue { $0.secret } }
        set { state.withLockedValue { $0.secret = newValue } }
    }
}

/// Who waits for a part of a restriction.
final class MakingWaiter: Sendable {
    /// From any thread.
    let made: @Sendable (Result<Void, StorageError>) -> Void

    init(made: @escaping @Sendable (Result<Void, StorageError>) -> Void) { self.made = made }
}

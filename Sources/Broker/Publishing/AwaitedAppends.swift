import NIOConcurrencyHelpers
import Storage

/// Appends batches and waits until every one of them is acknowledged or refused.
final class AwaitedAppends: AppendCompletionQueue {
    private struct State {
        var outcomes: [AppendOutcome?]
        var missing: Int
        var waiter: CheckedContinuation<[AppendOutcome], Never>?
    }

    private let state: NIOLockedValueBox<State>

    private init(count: Int) { state = NIOLockedValueBox(State(outcomes: Array(repeating: nil, count: count), missing: count)) }

    /// Batches of one partition are appended in their order.
    /// - Parameter services: holds outcomes back until what the topics ask for holds; nil where it is enough that the batches are durable.
    /// - Returns: an outcome for each.
    static func append(
        _ batches: [(log: any PartitionLog, batch: AdmittedBatch)], _ services: BrokerServices?
    ) async -> [AppendOutcome] {
        guard !batches.isEmpty else { return [] }
        let appends = AwaitedAppends(count: batches.count)
        return await withCheckedContinuation { continuation in
            appends.state.withLockedValue { $0.waiter = continuation }
            for (index, append) in batches.enumerated() {
                let outcomes: any AppendCompletionQueue = services.map { CheckpointedAppend.queue(for: append.batch, in: append.log.id, $0, appends) } ?? appends
                append.log.append(append.batch, ticket: AppendTicket(rawValue: UInt64(index)), completions: outcomes)
            }
        }
    }

    func complete(_ outcomes: [(ticket: AppendTicket, outcome: AppendOutcome)]) {
        let ended = state.withLockedValue { state -> (CheckedContinuation<[AppendOutcome], Never>, [AppendOutcome])? in
            for (ticket, outcome) in outcomes {
                let index = Int(ticket.rawValue)
                precondition(state.outcomes[index] == nil, "append \(index) of a submission ended twice")
                state.outcomes[index] = outcome
                state.missing -= 1
            }
            guard state.missing == 0, let waiter = state.waiter else { return nil }
            state.waiter = nil
            return (waiter, state.outcomes.compactMap { $0 })
        }
        if let (waiter, outcomes) = ended { waiter.resume(returning: outcomes) }
    }
}

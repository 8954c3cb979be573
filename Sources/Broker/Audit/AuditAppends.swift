import NIOConcurrencyHelpers
import Storage

/// Appends to one partition and tells each caller when its batch is durable.
final class AuditAppends: AppendCompletionQueue {
    private struct Waiting {
        var next: UInt64 = 0
        var callers: [AppendTicket: CheckedContinuation<Result<Void, StorageError>, Never>] = [:]
    }

    private let log: any PartitionLog
    private let waiting = NIOLockedValueBox(Waiting())

    init(to log: any PartitionLog) { self.log = log }

    /// - Throws: why the batch is not durable.
    func append(_ batch: AdmittedBatch) async throws(StorageError) {
        let result: Result<Void, StorageError> = await withCheckedContinuation { continuation in
            let ticket = waiting.withLockedValue { waiting in
                let ticket = AppendTicket(rawValue: waiting.next)
                waiting.next += 1
                waiting.callers[ticket] = continuation
                return ticket
            }
            log.append(batch, ticket: ticket, completions: self)
        }
        try result.get()
    }

    func complete(_ outcomes: [(ticket: AppendTicket, outcome: AppendOutcome)]) {
        for (ticket, outcome) in outcomes {
            let caller = waiting.withLockedValue { $0.callers.removeValue(forKey: ticket) }
            guard let caller else { preconditionFailure("an audit append was answered twice") }
            caller.resume(returning: Self.result(of: outcome))
        }
    }

    private static func result(of outcome: AppendOutcome) -> Result<Void, StorageError> {
        switch outcome {
        case .appended: .success(())
        case .failed(let error): .failure(error)
        case .duplicate, .outOfOrderSequence, .staleProducerEpoch:
            preconditionFailure("an audit batch has no producer and was taken for one that has")
        }
    }
}

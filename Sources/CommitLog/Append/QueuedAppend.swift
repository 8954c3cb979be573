import Storage

/// A batch that waits for the log thread.
struct QueuedAppend: Sendable {
    let partition: PartitionID
    let draft: FrameDraft
    let ticket: AppendTicket
    let completions: (any AppendCompletionQueue)?

    var frameBytes: Int { draft.header.frameBytes }
}

/// The outcomes of a commit group, sorted by who waits for them: one call for each queue.
struct GroupOutcomes {
    private var waiting: [(queue: any AppendCompletionQueue, outcomes: [(ticket: AppendTicket, outcome: AppendOutcome)])] = []

    mutating func add(_ append: borrowing QueuedAppend, _ outcome: AppendOutcome) {
        guard let queue = append.completions else { return }
        // An event loop each, so a handful: a search beats a hash.
        if let index = waiting.firstIndex(where: { $0.queue === queue }) {
            waiting[index].outcomes.append((append.ticket, outcome))
        } else {
            waiting.append((queue, [(append.ticket, outcome)]))
        }
    }

    consuming func deliver() {
        for (queue, outcomes) in waiting { queue.complete(outcomes) }
    }
}

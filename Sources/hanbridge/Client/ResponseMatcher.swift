import DequeModule

/// Pairs answers with requests: Kafka answers one connection's requests in order, each with the number of its request. Pure.
struct ResponseMatcher<Waiter> {
    enum SentAction: Equatable {
        case send(correlationID: Int32)
        /// Too many requests wait for an answer already.
        case refuse
    }

    enum ReceivedAction {
        case complete(Waiter)
        /// An answer to nothing, or out of order: whatever comes next cannot be believed.
        case close(why: String)
    }

    private let inFlightMax: Int
    private var waiting = Deque<(correlationID: Int32, waiter: Waiter)>()
    private var nextCorrelationID: Int32 = 1
    private var isClosed = false

    init(inFlightMax: Int) { self.inFlightMax = inFlightMax }

    var inFlightCount: Int { waiting.count }

    mutating func requestMade(_ waiter: Waiter) -> SentAction {
        guard !isClosed, waiting.count < inFlightMax else { return .refuse }
        let correlationID = nextCorrelationID
        // The number wraps; with a bounded queue no two that wait can share one.
        nextCorrelationID = correlationID == .max ? 1 : correlationID + 1
        waiting.append((correlationID, waiter))
        return .send(correlationID: correlationID)
    }

    mutating func answerReceived(correlationID: Int32) -> ReceivedAction {
        guard let first = waiting.first else { return .close(why: "an answer (\(correlationID)) to no request") }
        guard first.correlationID == correlationID else {
            return .close(why: "the answer to request \(correlationID) where that to \(first.correlationID) is due")
        }
        waiting.removeFirst()
        return .complete(first.waiter)
    }

    /// Everyone who waits in vain.
    mutating func connectionClosed() -> [Waiter] {
        isClosed = true
        let waiters = waiting.map(\.waiter)
        waiting.removeAll()
        return waiters
    }
}

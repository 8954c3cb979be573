/// Lets changes of topics and agreements happen one after the other: each sees what the one before it left, and the audit tells
/// them in the order in which they took effect.
///
/// A change runs in a task of its own, so that a client that goes away leaves no half of one. What waits is bounded by the
/// connections: each has one administrative request at a time.
actor ChangeOrder {
    private var last: Task<Void, Never>?

    func inTurn<Value: Sendable>(_ change: @escaping @Sendable () async -> Value) async -> Value {
        let previous = last
        let turn = Task {
            await previous?.value
            return await change()
        }
        last = Task { _ = await turn.value }
        return await turn.value
    }
}

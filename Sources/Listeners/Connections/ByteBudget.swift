import Atomics

/// A number of bytes shared by connections of several event loops: taken and given back without a lock.
final class ByteBudget: Sendable {
    let bytesMax: Int
    private let taken = ManagedAtomic<Int>(0)

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    var bytesTaken: Int { taken.load(ordering: .relaxed) }

    /// - Returns: false, and nothing is taken, when the bytes would pass the budget.
    func take(_ bytes: Int) -> Bool {
        let after = taken.wrappingIncrementThenLoad(by: bytes, ordering: .relaxed)
        guard after > bytesMax else { return true }
        taken.wrappingDecrement(by: bytes, ordering: .relaxed)
        return false
    }

    func giveBack(_ bytes: Int) {
        let after = taken.wrappingDecrementThenLoad(by: bytes, ordering: .relaxed)
        assert(after >= 0, "more bytes were given back than taken")
    }
}

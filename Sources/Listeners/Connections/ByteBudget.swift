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

    /// Takes between `bytesMin`, which is positive, and `bytesMax`, and leaves `bytesLeft` to others.
    /// - Returns: how many were taken; 0 where there is no room for `bytesMin`.
    func take(atLeast bytesMin: Int, upTo bytesMax: Int, leaving bytesLeft: Int) -> Int {
        var before = taken.load(ordering: .relaxed)
        while true {
            let granted = min(bytesMax, self.bytesMax - bytesLeft - before)
            guard granted >= bytesMin else { return 0 }
            let (isTaken, found) = taken.compareExchange(expected: before, desired: before + granted, ordering: .relaxed)
            if isTaken { return granted }
            before = found
        }
    }

    /// Takes the bytes, however many, where nobody has taken any.
    func takeIfUnused(_ bytes: Int) -> Bool {
        taken.compareExchange(expected: 0, desired: bytes, ordering: .relaxed).exchanged
    }

    /// Takes the bytes of what is there already, within the budget or not.
    func charge(_ bytes: Int) { taken.wrappingIncrement(by: bytes, ordering: .relaxed) }

    var isExceeded: Bool { bytesTaken > bytesMax }

    func giveBack(_ bytes: Int) {
        let after = taken.wrappingDecrementThenLoad(by: bytes, ordering: .relaxed)
        assert(after >= 0, "more bytes were given back than taken")
    }
}

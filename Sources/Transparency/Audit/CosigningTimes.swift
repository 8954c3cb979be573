/// When witnesses had seen how much of a log: what an append time is held against (EVIDENCE.md, "Back-dating").
public struct CosigningTimes: Hashable, Sendable {
    public struct Moment: Hashable, Sendable {
        /// Leaves that the cosigned checkpoint has.
        public let size: Int64
        /// The quorum's median, seconds since 1970.
        public let time: Int64

        public init(size: Int64, time: Int64) {
            self.size = size
            self.time = time
        }
    }

    /// By size; of one size the earliest and the latest time.
    private let sizes: [Int64]
    private let earliest: [Int64]
    private let latest: [Int64]

    public init(_ moments: some Sequence<Moment>) {
        var times: [Int64: (earliest: Int64, latest: Int64)] = [:]
        for moment in moments {
            let known = times[moment.size] ?? (moment.time, moment.time)
            times[moment.size] = (min(known.earliest, moment.time), max(known.latest, moment.time))
        }
        let ordered = times.sorted { $0.key < $1.key }
        sizes = ordered.map(\.key)
        earliest = ordered.map(\.value.earliest)
        latest = ordered.map(\.value.latest)
    }

    /// Around a record: when witnesses cosigned last without it, and first with it. Seconds since 1970, nil where nobody did.
    ///
    /// An idle log is cosigned again: the last time of the last size without it, the first time of the first size with it.
    public func around(_ index: Int64) -> (before: Int64?, after: Int64?) {
        var low = 0
        var high = sizes.count
        while low < high {
            let middle = (low + high) / 2
            if sizes[middle] <= index { low = middle + 1 } else { high = middle }
        }
        return (low > 0 ? latest[low - 1] : nil, low < sizes.count ? earliest[low] : nil)
    }
}

/// How far clocks and witnesses may be apart.
public struct CosigningTolerance: Hashable, Sendable {
    /// `cosign.delayMax`: later cosignatures are discarded.
    public var delayMaxMilliseconds: Int64
    public var skewMilliseconds: Int64

    public init(delayMaxMilliseconds: Int64 = 10_000, skewMilliseconds: Int64) {
        self.delayMaxMilliseconds = delayMaxMilliseconds
        self.skewMilliseconds = skewMilliseconds
    }

    /// Ta - cosign.delayMax - skew <= append time <= Tb + skew. nil where it holds.
    func objection(toAppendTime time: Int64, at index: Int64, _ times: CosigningTimes) -> AuditCause? {
        let (before, after) = times.around(index)
        if let before, time < before.milliseconds &- delayMaxMilliseconds &- skewMilliseconds { return .beforeWitnesses }
        // A witness's second has not ended yet when it signs.
        if let after, time > after.milliseconds &+ 999 &+ skewMilliseconds { return .afterWitnesses }
        return nil
    }
}

extension Int64 {
    /// Of seconds; the last representable ones stay where they are.
    fileprivate var milliseconds: Int64 { self > Int64.max / 2000 ? Int64.max / 2 : self * 1000 }
}

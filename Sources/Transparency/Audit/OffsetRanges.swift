/// Offsets, as ranges in order that do not touch.
struct OffsetRanges {
    private var ranges: [Range<Int64>] = []

    func contains(_ offset: Int64) -> Bool {
        let place = firstRange { $0.upperBound > offset }
        return place < ranges.count && ranges[place].lowerBound <= offset
    }

    /// What of a range is not in these.
    func remainder(of range: Range<Int64>) -> [Range<Int64>] {
        var parts: [Range<Int64>] = []
        var start = range.lowerBound
        for known in ranges[firstRange { $0.upperBound > range.lowerBound }...] where start < range.upperBound {
            guard known.lowerBound < range.upperBound else { break }
            if known.lowerBound > start { parts.append(start..<known.lowerBound) }
            start = known.upperBound
        }
        if start < range.upperBound { parts.append(start..<range.upperBound) }
        return parts
    }

    mutating func insert(_ range: Range<Int64>) {
        guard !range.isEmpty else { return }
        let first = firstRange { $0.upperBound >= range.lowerBound }
        let end = firstRange { $0.lowerBound > range.upperBound }
        var whole = range
        if first < end {
            whole = min(whole.lowerBound, ranges[first].lowerBound)..<max(whole.upperBound, ranges[end - 1].upperBound)
        }
        ranges.replaceSubrange(first..<end, with: CollectionOfOne(whole))
    }

    /// The first range for which it holds; it holds for all behind that one.
    private func firstRange(where holds: (Range<Int64>) -> Bool) -> Int {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if holds(ranges[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Offsets of one partition as runs without gaps, in the order in which they were handed over.
struct OffsetRuns: Hashable, Sendable {
    private(set) var runs: [ClosedRange<Int64>] = []

    init() {}
    init(_ run: ClosedRange<Int64>) { runs = [run] }
    init(_ runs: [ClosedRange<Int64>]) { for run in runs { append(run) } }

    var isEmpty: Bool { runs.isEmpty }
    /// How many offsets.
    var count: Int64 { runs.reduce(0) { $0 + ($1.upperBound - $1.lowerBound + 1) } }
    var last: Int64? { runs.map(\.upperBound).max() }

    /// What follows the last run, or overlaps its end, becomes part of it: a client that asks from the middle of a batch on gets the
    /// batch's beginning once more.
    mutating func append(_ run: ClosedRange<Int64>) {
        guard let last = runs.last, run.lowerBound >= last.lowerBound, run.lowerBound - 1 <= last.upperBound else {
            runs.append(run)
            return
        }
        if run.upperBound > last.upperBound { runs[runs.count - 1] = last.lowerBound...run.upperBound }
    }

    mutating func append(_ other: OffsetRuns) {
        for run in other.runs { append(run) }
    }

    /// Empty again, without giving its memory back.
    mutating func clear() { runs.removeAll(keepingCapacity: true) }

    /// Pieces of at most so many runs each.
    func pieces(runsMax: Int) -> [OffsetRuns] {
        stride(from: 0, to: runs.count, by: runsMax).map { start in
            var piece = OffsetRuns()
            piece.runs = Array(runs[start..<min(start + runsMax, runs.count)])
            return piece
        }
    }

    /// What is left of one stretch without these.
    func removed(from stretch: ClosedRange<Int64>) -> OffsetRuns {
        var left = OffsetRuns()
        var next = stretch.lowerBound
        for run in runs.sorted(by: { $0.lowerBound < $1.lowerBound }) where run.upperBound >= next {
            guard run.lowerBound <= stretch.upperBound else { break }
            if run.lowerBound > next { left.append(next...run.lowerBound - 1) }
            next = run.upperBound + 1
        }
        if next <= stretch.upperBound { left.append(next...stretch.upperBound) }
        return left
    }
}

// As entries write them: `0-99,105,107-200`.
extension OffsetRuns {
    var text: String {
        var text = ""
        text.reserveCapacity(runs.count * 16)
        for run in runs {
            if !text.isEmpty { text += "," }
            text += String(run.lowerBound)
            if run.upperBound > run.lowerBound { text += "-" + String(run.upperBound) }
        }
        return text
    }

    /// - Returns: nil unless it is what ``text`` writes.
    init?(text: some StringProtocol) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
            guard (1...2).contains(ends.count), let first = Int64(ends[0]), let last = Int64(ends[ends.count - 1]), first >= 0, first <= last
            else { return nil }
            runs.append(first...last)
        }
    }
}

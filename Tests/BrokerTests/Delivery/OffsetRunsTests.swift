import Testing

@testable import Broker

@Suite("Runs of offsets")
struct OffsetRunsTests {
    @Test("what follows or overlaps the end becomes one run, what does not is another")
    func append() {
        var runs = OffsetRuns(0...9)
        runs.append(10...19)
        runs.append(15...24)
        runs.append(20...22)
        #expect(runs.runs == [0...24] && runs.count == 25)
        runs.append(26...26)
        runs.append(3...5)
        #expect(runs.runs == [0...24, 26...26, 3...5] && runs.last == 26)
    }

    @Test("the text is read back, and nothing else is read")
    func text() {
        let runs = OffsetRuns([0...99, 105...105, 107...200, .max - 1 ... .max])
        #expect(runs.text == "0-99,105,107-200,9223372036854775806-9223372036854775807")
        #expect(OffsetRuns(text: runs.text) == runs)
        for text in ["", ",", "1,", "-1", "1-", "2-1", "a", "1-2-3", "1 ", "9223372036854775808", "٣"] { #expect(OffsetRuns(text: text) == nil, "\(text)") }
    }

    @Test("what is left of a stretch, for every subset of a small one")
    func removed() {
        for mask in 0..<256 {
            let gone = (0..<8).filter { mask >> $0 & 1 == 1 }
            var runs = OffsetRuns()
            // In any order.
            for offset in gone.reversed() { runs.append(Int64(offset)...Int64(offset)) }
            let left = runs.removed(from: 1...6).runs.flatMap { Array($0) }
            #expect(left == (1...6).filter { !gone.contains(Int($0)) })
        }
    }

    @Test("pieces hold all runs, no more than so many each")
    func pieces() {
        let runs = OffsetRuns((0..<10).map { $0 * 2...$0 * 2 })
        #expect(runs.pieces(runsMax: 4).map(\.runs.count) == [4, 4, 2])
        #expect(runs.pieces(runsMax: 4).flatMap(\.runs) == runs.runs)
    }
}

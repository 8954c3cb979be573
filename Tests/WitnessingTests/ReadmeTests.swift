import Foundation
import Testing
import Witnessing

@Suite("README")
struct ReadmeTests {
    @Test("The README's table of limits has every limit of a witness with its value")
    func limits() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        for row in WitnessLimits.table {
            let line = "| \(row.name) | \(row.value) | \(row.meaning) |"
            #expect(text.contains(line), "README.md lacks: \(line)")
        }
    }
}

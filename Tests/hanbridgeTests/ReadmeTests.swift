import Foundation
import MessageSchema
import Testing

@Suite("README")
struct ReadmeTests {
    @Test("The README's table of limits has those of the rules on fields and rows, with their values")
    func fieldRules() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        let rows: [(String, Int)] = [
            ("paths, in `allow`, `mask` and `where` together", FieldRules.Limits.pathsMax), ("bytes of a path", FieldRules.Limits.pathBytesMax),
            ("names in a path", FieldRules.Limits.pathNamesMax), ("fields in `where`", FieldRules.Limits.conditionsMax),
            ("values of a field in `where`", FieldRules.Limits.valuesMax), ("bytes of a value in `where`", FieldRules.Limits.valueBytesMax),
        ]
        for (meaning, value) in rows { #expect(text.contains("| \(meaning) | \(value) |"), "README.md lacks: | \(meaning) | \(value) |") }
    }
}

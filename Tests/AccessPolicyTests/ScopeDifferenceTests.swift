import AccessPolicy
import Testing

/// What a change of agreements does to a reader, in the words of a rehearsal.
@Suite struct ScopeDifferenceTests {
    private func scope(_ rules: String) throws -> RecordScope {
        guard !rules.isEmpty else { return .unrestricted }
        let parties = rules.split(separator: ";").map { "      - {node: a/b/c, may: [subscribe], \($0)}\n" }.joined()
        let file = try AgreementsFile.parse(yaml: "agreements:\n  - id: A\n    topic: t\n    owner: o\n    parties:\n\(parties)", name: "a")
        return try PolicySnapshot(compiling: file.agreements, version: 1, refusing: [])
            .decide(.subscribe(topic: "t"), for: try node("a/b/c"), at: 0).records
    }

    private func text(_ sight: ScopeDifference.Sight) -> String {
        switch sight {
        case .hidden: "hidden"
        case .clear: "clear"
        case .masked(let mask): mask.rawValue
        }
    }

    @Test(
        "fields and rows that change are told, and nothing else",
        arguments: [
            ("", "", ""),
            ("", "fields: {allow: [a]}", "*:clear>hidden"),
            ("fields: {allow: [a, b]}", "fields: {allow: [a]}", "b:clear>hidden"),
            ("fields: {allow: [a]}", "fields: {allow: [a, b]}", "b:hidden>clear"),
            ("fields: {allow: [a]}", "fields: {allow: [a], mask: {a: last4}}", "a:clear>last4"),
            ("fields: {mask: {a: hash}}", "fields: {mask: {a: drop}}", "a:hash>hidden"),
            ("fields: {mask: {a: hash}}", "", "a:hash>clear"),
            ("where: {w: [x]}", "where: {w: [x, y]}", "rows"),
            ("where: {w: [x]}", "", "rows"),
            ("", "where: {w: [x]}", "rows"),
            ("where: {w: [x]}; where: {w: [y]}", "where: {w: [y]}; where: {w: [x]}", ""),
            ("where: {w: [x]}, fields: {allow: [a]}", "where: {w: [x]}, fields: {allow: [a]}; where: {w: [y]}, fields: {allow: [a, b]}", "b:hidden>clear rows"),
            ("fields: {allow: [a]}", "fields: {allow: []}", "a:clear>hidden"),
        ])
    func changes(before: String, after: String, told: String) throws {
        let difference = ScopeDifference(from: try scope(before), to: try scope(after))
        let fields = difference.fields.map { "\($0.name):\(text($0.before))>\(text($0.after))" }
        #expect((fields + (difference.rows == nil ? [] : ["rows"])).joined(separator: " ") == told)
        #expect(difference.isEmpty == told.isEmpty)
    }
}

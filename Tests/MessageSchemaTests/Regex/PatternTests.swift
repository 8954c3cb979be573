import Testing

@testable import MessageSchema

@Suite struct PatternTests {
    private func search(_ pattern: String, _ text: String) throws -> PatternVerdict {
        let compiled = try Pattern(pattern, allowsBacktracking: true)
        return Array(text.utf8).withUnsafeBytes { compiled.search(in: $0) }
    }

    @Test(
        "A pattern is searched for anywhere in the text",
        arguments: [
            ("", ""), ("", "x"), ("a", "cat"), ("^$", ""), ("^a+$", "aaa"), ("^a{2,3}$", "aaa"), ("^a{2}$", "aa"), ("^a{2,}$", "aaaaa"),
            ("a|b|", "zzz"), ("^(ab|cd)*$", "abcdab"), ("^[^x]$", "ệ"), ("^.$", "😀"), ("^[😀-😂]$", "😁"), ("^\\u{1F601}$", "😁"),
            ("^\\uD83D\\uDE01$", "😁"), ("^\\x41\\u0042$", "AB"), ("^\\cA$", "\u{01}"), ("^\\0$", "\0"), ("^[\\b]$", "\u{08}"),
            ("^\\d\\D\\w\\W\\s\\S$", "1a_- x"), ("^\\s$", "\u{FEFF}"), ("^\\p{L}+$", "Đànẵng"), ("^\\p{Lu}\\p{Ll}$", "Đà"),
            ("^\\P{L}$", "1"), ("^[\\p{Nd}-]+$", "12-3"), ("^\\p{ASCII}$", "~"), ("^\\p{gc=Decimal_Number}$", "٣"),
            ("\\bcat\\b", "a cat sat"), ("\\Bat", "cat"), ("^\\-\\.\\/$", "-./"), ("^[\\w.-]+$", "a.b-c"), ("^[\\w-.]+$", "a.b-c"),
            ("^a]$", "a]"), ("^a{b$", "a{b"), ("^{1$", "{1"), ("^(?<year>\\d{4})-\\k<year>$", "2026-2026"),
            ("^(a)\\1$", "aa"), ("^(?=.*\\d)(?=.*[a-z]).{4,}$", "abc1"), ("^(?!.*admin).*$", "user"), ("(?<=đ)\\d+", "x đ12"),
            ("(?<!đ)\\d", "x12"), ("^(?:a|b)+?c$", "abac"), ("^(a*)*$", "aaa"), ("^(?:a?)*b$", "aab"), ("(?<=(\\d{2})\\1)x", "1212x"),
            ("^(?:(a)|b)*\\1c$", "abc"), ("$", "x"), ("x$", "ax"),
        ])
    func found(_ pattern: String, _ text: String) throws {
        #expect(try search(pattern, text) == .found)
    }

    @Test(
        "What the pattern does not describe is not found",
        arguments: [
            ("a", ""), ("^a$", "aa"), ("^a{2,3}$", "aaaa"), ("^.$", "\n"), ("^.$", "\u{2028}"), ("^[^a]$", "a"), ("[]", "x"),
            ("^[a-z]+$", "aBc"), ("^\\d+$", "١٢"), ("^\\w+$", "đà"), ("\\bat\\b", "cat"), ("^a$", "a\n"), ("^(a)\\1$", "ab"),
            ("^(?=.*\\d).{4,}$", "abcd"), ("^(?!.*admin).*$", "the admin"), ("(?<=a)b", "cb"), ("(?<!a)b", "ab"), ("^\\p{Lu}$", "a"),
            ("x^", "x"), ("$x", "x"), ("\\B", "ađa"), ("^[^\\s\\S]$", "x"),
        ])
    func absent(_ pattern: String, _ text: String) throws {
        #expect(try search(pattern, text) == .absent)
    }

    @Test(
        "What is no pattern is refused with its place",
        arguments: [
            ("(", 0), ("a)", 1), ("[a", 0), ("*a", 0), ("a**", 2), ("a{3,2}", 1), ("\\", 1), ("\\a", 1), ("\\p{Nonsense}", 2), ("\\u{110000}", 8),
            ("[z-a]", 4), ("(?<a>.)(?<a>.)", 12), ("\\1", 0), ("(a)\\2", 3), ("\\k<x>", 0), ("^*", 0), ("(?=a)*", 0), ("\\c1", 2), ("\\x4", 3),
            ("\\uD800", 6), ("(?i:a)", 1), ("\\01", 2), ("(?<1>a)", 3),
        ])
    func refused(_ pattern: String, _ position: Int) {
        let error = #expect(throws: PatternError.self) { try Pattern(pattern, allowsBacktracking: true) }
        #expect(error?.position == position, "\(pattern): \(error?.message ?? "")")
    }

    @Test("Look-around and back-references want the steward's leave", arguments: ["(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(a)\\1", "(?<n>a)\\k<n>"])
    func backtrackingWantsLeave(_ pattern: String) throws {
        #expect(throws: PatternError.self) { try Pattern(pattern, allowsBacktracking: false) }
        _ = try Pattern(pattern, allowsBacktracking: true)
    }

    @Test("A pattern at the limit is taken, one past it refused")
    func limits() throws {
        _ = try Pattern(String(repeating: "a", count: RegexLimits.patternBytesMax), allowsBacktracking: false)
        #expect(throws: PatternError.self) {
            try Pattern(String(repeating: "a", count: RegexLimits.patternBytesMax + 1), allowsBacktracking: false)
        }
        let depth = RegexLimits.depthMax
        _ = try Pattern(String(repeating: "(", count: depth) + String(repeating: ")", count: depth), allowsBacktracking: false)
        #expect(throws: PatternError.self) {
            try Pattern(String(repeating: "(", count: depth + 1) + String(repeating: ")", count: depth + 1), allowsBacktracking: false)
        }
        _ = try Pattern("(?:a{100}){199}", allowsBacktracking: false)
        #expect(throws: PatternError.self) { try Pattern("(?:a{100}){201}", allowsBacktracking: false) }
        #expect(throws: PatternError.self) { try Pattern("a{20001}", allowsBacktracking: false) }
    }

    @Test("Nested repetition ends in time linear in the text where nothing looks around")
    func catastrophicPatternsAreLinear() throws {
        let text = String(repeating: "a", count: 10_000) + "!"
        #expect(try search("^(a+)+$", text) == .absent)
        #expect(try search("^(\\w+\\s?)*$", text) == .absent)
        #expect(try search("\\b(a|aa|aaa)+$", text) == .absent)
    }

    @Test("A search that takes too many steps ends, and says that nobody knows")
    func stepsAreBounded() throws {
        #expect(try search("^(a+)+(?!b)$", String(repeating: "a", count: 64) + "!") == .tooManySteps)
        #expect(try search("(?=(a*))\\1b", String(repeating: "a", count: 3_000)) == .tooManySteps)
        let wide = "\\b(?:" + (1...400).map { "a{\($0 % 20 + 1)}" }.joined(separator: "|") + ")*\\b!"
        #expect(try search(wide, String(repeating: "a", count: 5_000)) == .tooManySteps)
    }

    @Test("The four ways to run a pattern agree on random patterns and texts")
    func enginesAgree() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<400 {
            let pattern = randomPattern(depth: Int.random(in: 1...3, using: &random), &random)
            let (node, captures) = try RegexParser.parse(pattern)
            guard let program = try? RegexCompiler.compile(node, captures: captures, backtracks: false),
                let backtracking = try? RegexCompiler.compile(node, captures: captures, backtracks: true)
            else { continue }
            guard program.instructions.count < 400 else { continue }
            let automaton = RegexAutomaton(program)
            let fast = FastPattern(automaton)
            defer { fast.deallocate() }
            for _ in 0..<8 {
                let text = String((0..<Int.random(in: 0...8, using: &random)).map { _ in "abđ😀 ".randomElement(using: &random) ?? "a" })
                Array(text.utf8).withUnsafeBytes { bytes in
                    var threads = RegexThreads(program)
                    var backtracker = RegexBacktracker(backtracking, text: bytes)
                    let verdict = threads.search(in: bytes)
                    let other = backtracker.search()
                    #expect(other == verdict || other == .tooManySteps, "seed \(seed): \(pattern) on \(text)")
                    if let automaton { #expect(automaton.matches(bytes) == (verdict == .found), "seed \(seed): \(pattern) on \(text)") }
                    #expect(fast.isFound(in: bytes) == automaton?.matches(bytes), "seed \(seed): \(pattern) on \(text)")
                }
            }
        }
    }

    private func randomPattern(depth: Int, _ random: inout SplitMix64) -> String {
        let atoms = ["a", "b", "đ", "😀", ".", "[ab]", "[^a]", "[đ-ệ]", "\\w", "\\s", "[à-ỹ]", "^", "$", "\\b", "\\B", ""]
        guard depth > 0 else { return atoms.randomElement(using: &random) ?? "a" }
        let inner = randomPattern(depth: depth - 1, &random)
        let other = randomPattern(depth: depth - 1, &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return "(?:\(inner))*"
        case 1: return "(\(inner))+"
        case 2: return "(\(inner))?"
        case 3: return "(?:\(inner)){1,3}"
        case 4: return "(?:\(inner)|\(other))"
        case 5: return "(?:\(inner))*?\(other)"
        default: return inner + other
        }
    }
}

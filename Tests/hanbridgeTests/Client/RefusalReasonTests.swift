import Testing

@testable import hanbridge

@Suite("The broker's words about a refused record")
struct RefusalReasonTests {
    typealias Violation = RefusalReason.Violation

    @Test(
        "are taken apart into path, rule and reason of each violation, and the quarantine's entry",
        arguments: [
            ("/count: the number is at least 0 (minimum)", [Violation(path: "/count", rule: "minimum", message: "the number is at least 0")], nil),
            (
                "/a/0: a string (type); “b” is missing (required); kept as portal.quarantine/3/17",
                [Violation(path: "/a/0", rule: "type", message: "a string"), Violation(path: "", rule: "required", message: "“b” is missing")],
                "portal.quarantine/3/17"
            ),
            ("key:/x: of (these); or those (enum)", [Violation(path: "key:/x", rule: "these", message: "of"), Violation(path: "", rule: "enum", message: "or those")], nil),
            ("key:: a key (key)", [Violation(path: "key:", rule: "key", message: "a key")], nil),
            ("its timestamp is further before the broker's time than allowed", [Violation(path: "", rule: "", message: "its timestamp is further before the broker's time than allowed")], nil),
            ("", [], nil),
        ] as [(String, [Violation], String?)])
    func parsed(words: String, violations: [Violation], entry: String?) {
        let reason = RefusalReason(words)
        #expect(reason.violations == violations)
        #expect(reason.entry == entry)
    }

    @Test("an entry is a topic, a partition and an offset, and nothing else")
    func places() {
        #expect(QuarantinePlace("q.v1/0/12") == QuarantinePlace(topic: "q.v1", partition: 0, offset: 12))
        for text in ["", "q", "q/0", "q/0/", "/0/1", "q/-1/1", "q/0/-1", "q/0/1/2", "q/x/1", "q/0/99999999999999999999"] {
            #expect(QuarantinePlace(text) == nil, "\(text)")
        }
    }
}

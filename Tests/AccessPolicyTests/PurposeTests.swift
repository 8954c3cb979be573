import AccessPolicy
import Testing

@Suite struct PurposeTests {
    @Test(
        "a client id declares a purpose anywhere, ended by a semicolon or the end",
        arguments: [
            (nil, PurposeDeclaration.none), ("", .none), ("rdkafka", .none), ("purpose", .none), ("purpose:audit", .none),
            ("purpose=audit;", .purpose("audit")), ("purpose=audit", .purpose("audit")), ("app;purpose=a-1;host", .purpose("a-1")),
            ("schools.le-loi;purpose=enrolment-check;-consumer-3", .purpose("enrolment-check")), ("ppurpose=x", .purpose("x")),
            ("purpose=a;purpose=a;", .purpose("a")), ("purpose=a;purpose=b;", .unreadable), ("purpose=", .unreadable),
            ("purpose=;", .unreadable), ("purpose=A;", .unreadable), ("purpose=a b;", .unreadable), ("purpose=điều-tra;", .unreadable),
            ("purpose=purpose=a", .unreadable), ("purpose=a;purpose=", .unreadable), ("Purpose=a;", .none),
            ("purpose=\(String(repeating: "a", count: 64));", .purpose(String(repeating: "a", count: 64))),
            ("purpose=\(String(repeating: "a", count: 65));", .unreadable),
        ])
    func clientID(_ clientID: String?, declared: PurposeDeclaration) {
        #expect(PurposeDeclaration(clientID: clientID) == declared)
    }

    @Test("a header declares its whole value")
    func header() {
        #expect(PurposeDeclaration(nil) == .none)
        #expect(PurposeDeclaration("enrolment-check") == .purpose("enrolment-check"))
        #expect(PurposeDeclaration(header: []) == .none)
        #expect(PurposeDeclaration(header: ["a"]) == .purpose("a"))
        #expect(PurposeDeclaration(header: ["a", "a"]) == .purpose("a"))
        #expect(PurposeDeclaration(header: ["a", "b"]) == .unreadable)
        for text in ["", "a;b", " a", "A"] { #expect(PurposeDeclaration(text) == .unreadable) }
    }
}

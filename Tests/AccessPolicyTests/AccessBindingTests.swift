import AccessPolicy
import Foundation
import Testing

@Suite struct AccessBindingTests {
    private func binding(_ words: String) throws -> AccessBinding { try #require(try AccessBinding.parse(words + "\n").first) }

    private func policy(_ lines: String, closing closed: Set<String> = [], agreements: String = "agreements: []") throws -> PolicySnapshot {
        let check = AgreementsCheck(files: ["a.yaml": agreements, AccessBinding.fileName: lines], at: 0)
        return try PolicySnapshot(compiling: try check.accepted(), version: 1).closing(closed)
    }

    /// Bindings, a question, and what comes of it, as people read them.
    static let cases = """
        topic literal allow read a/u/n t               | a/u/n subscribe t    | yes
        topic literal allow read a/u/n t               | a/u/m subscribe t    | no
        topic literal allow read a/u/n t               | a/u/n subscribe tt   | no
        topic literal allow read a/u/n t               | a/u/n publish t      | no
        topic literal allow read a/u/n t               | a/u/n describe t     | yes
        topic literal allow read a/u/n t               | a/u/n replay t       | no
        topic prefixed allow write a/*/* t.            | a/u/n publish t.x    | yes
        topic prefixed allow write a/*/* t.            | a/u/n tombstone t.x  | yes
        topic prefixed allow write a/*/* t.            | a/u/n publish t      | no
        topic prefixed allow write a/*/* t.            | b/u/n publish t.x    | no
        topic literal allow read */*/* *               | b/u/n subscribe any  | yes
        topic literal allow read */*/* *               | b/u/n subscribe _audit.access | no
        topic literal allow describe a/u/n t           | a/u/n describe t     | yes
        topic literal allow describe a/u/n t           | a/u/n subscribe t    | no
        topic literal allow all a/u/n t                | a/u/n administer t   | yes
        topic literal allow all a/u/n t                | a/u/n publish t      | yes
        # A denial beats every allow, of another ACL or of an agreement.
        topic literal allow all a/u/n t, topic prefixed deny write */*/* t | a/u/n publish t   | no
        topic literal allow all a/u/n t, topic prefixed deny write */*/* t | a/u/n subscribe t | yes
        topic literal allow all a/u/n t, topic literal deny describe a/u/n t | a/u/n describe t  | no
        topic literal deny all a/u/n *                 | a/u/n subscribe agreed | no
        # Groups: those that no agency owns.
        group literal allow read a/u/n shared          | a/u/n group shared   | yes
        group prefixed allow all a/u/n sha             | a/u/n group shared   | yes
        group literal allow read a/u/n *               | a/u/n group shared   | yes
        group literal allow read a/u/n *               | a/u/n group b.own    | no
        group literal allow read a/u/n shared          | a/u/n subscribe t    | no
        group literal deny read a/u/n a.own            | a/u/n group a.own    | no
        group literal deny read a/u/n a.own            | a/u/n group a.other  | yes
        group literal allow read a/u/n a group of ours | a/u/n group a group of ours | yes
        # What is classified higher is closed to ACLs, never to agreements, and denials hold there too.
        topic literal allow read a/u/n closed          | a/u/n subscribe closed | no
        topic literal allow read */*/* *               | a/u/n subscribe closed | no
        topic literal allow read */*/* *               | a/u/n describe closed  | no
        topic literal allow all a/u/n t                | a/u/n subscribe agreed-closed | yes
        topic literal deny all a/u/n agreed-closed     | a/u/n subscribe agreed-closed | no
        """

    static let agreements = """
        agreements:
          - {id: A, topic: agreed, owner: o, parties: [{node: a/u/n, may: [subscribe]}]}
          - {id: B, topic: agreed-closed, owner: b, parties: [{node: a/u/n, may: [subscribe]}]}
        """

    @Test("each line of the table comes true", arguments: cases.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") })
    func line(_ line: String) throws {
        let parts = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        let lines = parts[0].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) + "\n" }.joined()
        let words = parts[1].split(separator: " ", maxSplits: 2).map(String.init)
        let question: AccessQuestion =
            switch words[1] {
            case "publish": .publish(topic: words[2])
            case "tombstone": .tombstone(topic: words[2])
            case "subscribe": .subscribe(topic: words[2])
            case "replay": .replay(topic: words[2], purpose: .purpose("p"))
            case "administer": .administer(topic: words[2])
            case "describe": .describe(topic: words[2])
            default: .useGroup(words[2])
            }
        let policy = try policy(lines, closing: ["closed", "agreed-closed"], agreements: Self.agreements)
        #expect(policy.decide(question, for: try node(words[0]), at: 0).isAllowed == (parts[2] == "yes"), "\(line)")
    }

    @Test("a binding keeps its id, which no agreement can have, and is written and read again as it was")
    func citing() throws {
        let read = try binding("topic literal allow read a/u/n t")
        #expect(try read.id == binding("topic literal allow read a/u/n t").id && read.id.hasPrefix(".acl-") && read.id.utf8.count == 21)
        #expect(try read.id != binding("topic prefixed allow read a/u/n t").id)
        #expect(try !problems("agreements: [{id: \(read.id), topic: t, owner: o, parties: [{node: a/b/c, may: [publish]}]}]").isEmpty)
        let all = try [read, binding("group prefixed deny all */*/* x y"), binding("topic literal allow describe a/*/* *")]
        #expect(try Set(AccessBinding.parse(AccessBinding.text(all))) == Set(all))
        let decision = try policy(AccessBinding.text(all)).decide(.subscribe(topic: "t"), for: try node("a/u/n"), at: 0)
        #expect(decision.outcome == .allowed(by: .agreement(id: read.id, rule: 0)) && decision.records == .unrestricted)
    }

    @Test(
        "what the broker does not write is not read",
        arguments: [
            "topic literal allow read a/u/n", "topic literal allow read a/u t", "thing literal allow read a/u/n t", "topic any allow read a/u/n t",
            "topic literal maybe read a/u/n t", "topic literal allow fly a/u/n t", "topic literal allow read a/u/n _audit.access",
            "topic prefixed allow read a/u/n *", "topic literal allow read a/u/n t*", "group literal allow write a/u/n g", "topic literal allow read a/u/n a b",
        ])
    func malformed(line: String) {
        #expect(throws: AgreementsError.self) { try AccessBinding.parse(line + "\n") }
        #expect(!AgreementsCheck(files: [AccessBinding.fileName: line + "\n"], at: 0).errors.isEmpty)
    }

    @Test("owners are those whom agreements name: an ACL gives nobody a topic")
    func owners() throws {
        let policy = try policy("topic literal allow all a/u/n agreed\n", agreements: Self.agreements)
        #expect(policy.owners(of: "agreed") == ["o"])
        let explanation = policy.explain(.subscribe(topic: "agreed"), for: try node("a/u/n"), at: 0)
        #expect(explanation.owners == ["o"] && explanation.rules.count == 2)
        #expect(policy.closing(["agreed"]).explain(.subscribe(topic: "agreed"), for: try node("a/u/n"), at: 0).rules.count == 1)
        #expect(policy.closing([]) === policy)
    }
}

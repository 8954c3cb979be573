import AccessPolicy
import Foundation
import Testing

@testable import Identity

@Suite("The index of what was issued")
struct IssuedIndexTests {
    private func identity() throws -> NodeIdentity { try NodeIdentity(authority: "danang", agency: "a", unit: "b", node: "c") }

    @Test("cut off at any byte of its last line, it forgets at most the deed that was never handed out, and goes on")
    func tornLine() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/issued.jsonl"
        let index = IssuedIndex(path: path)
        var first = IssuedIndex.Line(event: .issued, at: 1)
        first.serial = "01"
        var second = IssuedIndex.Line(event: .revoked, at: 2)
        second.serial = "01"
        try index.append(first)
        let firstEnd = try Data(contentsOf: URL(fileURLWithPath: path)).count
        try index.append(second)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for length in firstEnd..<whole.count {
            try whole.prefix(length).write(to: URL(fileURLWithPath: path))
            #expect(try index.lines() == [first])
            try index.append(second)
            #expect(try index.lines() == [first, second])
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
        }
    }

    @Test("damage above its last line stops the authority and names the line")
    func damage() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(directory: "\(directory.path)/pki", name: "danang", at: now)
        _ = try authority.issue(CertificateRequest(subject: .node(try identity())), at: now)
        var text = try String(contentsOfFile: authority.index.path, encoding: .utf8)
        text.removeFirst()
        try text.write(toFile: authority.index.path, atomically: true, encoding: .utf8)
        let error = #expect(throws: AuthorityError.self) { try authority.list() }
        #expect(error?.description.contains("line 1 of") == true)
        #expect(throws: AuthorityError.self) { try authority.signRevocationList(at: now) }
    }

    @Test("two at once take turns: every certificate and every list number is there once")
    func concurrency() async throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(directory: "\(directory.path)/pki", name: "danang", at: now)
        let identity = try identity()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<24 {
                group.addTask { @concurrent in
                    if number.isMultiple(of: 3) {
                        try authority.signRevocationList(at: now)
                    } else {
                        _ = try authority.issue(CertificateRequest(subject: .node(identity)), at: now)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try authority.list().count == 16)
        #expect(try authority.index.lines().compactMap(\.number).sorted() == Array(1...9))
    }
}

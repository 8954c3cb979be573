import Foundation
import GRDB
@testable import Metadata
import Storage
import Testing

@Suite struct FormatTests {
    @Test("a store of a newer program is refused and left as it is")
    func newerFormat() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/m.sqlite"
            let store = try MetadataDatabase(path: path)
            await store.shutDown()
            let queue = try DatabaseQueue(path: path)
            try await queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = \(Schema.version + 1)") }
            try queue.close()
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(throws: StorageError.newerFormat(found: Schema.version + 1, known: Schema.version)) {
                try MetadataDatabase(path: path)
            }
            #expect(throws: StorageError.newerFormat(found: Schema.version + 1, known: Schema.version)) {
                try MetadataDatabase.check(path: path)
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        }
    }

    @Test("a file that is no database, and another program's database, are refused and left as they are")
    func foreignFiles() async throws {
        try await withTemporaryDirectory { directory in
            let text = directory + "/text"
            try Data(String(repeating: "not a database ", count: 1_000).utf8).write(to: URL(fileURLWithPath: text))
            #expect(throws: StorageError.self) { try MetadataDatabase(path: text) }
            let foreign = directory + "/foreign"
            let queue = try DatabaseQueue(path: foreign)
            try await queue.write { try $0.execute(sql: "CREATE TABLE theirs (id INTEGER)") }
            try queue.close()
            let before = try Data(contentsOf: URL(fileURLWithPath: foreign))
            do {
                _ = try MetadataDatabase(path: foreign)
                Issue.record("opened another program's database")
            } catch StorageError.corrupt(let sentence) {
                #expect(sentence.contains("another program"))
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: foreign)) == before)
        }
    }

    @Test("a directory that is not there is an error in words")
    func missingDirectory() {
        #expect(throws: StorageError.self) { try MetadataDatabase(path: "/nonexistent-directory/m.sqlite") }
    }

    @Test("a clean store checks clean, running or stopped")
    func cleanCheck() async throws {
        try await withStore { store, path in
            #expect(try MetadataDatabase.check(path: path).isEmpty)
            try await store.apply(.createTopic(topic("t", 1)))
            try await store.apply(.putGroup(group("g")))
            try await store.commit([offset("t", 1, 1)], group: "g")
            try await store.apply(.putAgreements(agreements(1)))
            #expect(try MetadataDatabase.check(path: path).isEmpty)
        }
    }

    @Test(
        "check names each broken invariant",
        arguments: [
            ("DELETE FROM agreementSet WHERE version = 1", "agreements"),
            ("UPDATE consumerGroup SET leader = 'nobody'", "leader"),
            ("UPDATE committedOffset SET partition = 77", "partition"),
            ("UPDATE committedOffset SET topicName = 'else'", "names its topic"),
            ("UPDATE committedOffset SET offset = -5", "negative"),
            ("DELETE FROM consumerGroup", "groupMember"),
            ("INSERT INTO deletedTopic SELECT id, name FROM topic", "both there and deleted"),
            ("INSERT INTO cluster (id) VALUES (x'00000000000000000000000000000001')", "cluster id"),
        ])
    func brokenInvariants(statement: String, word: String) async throws {
        try await withStore { store, path in
            _ = try await store.load()
            try await store.apply(.createTopic(topic("t", 1)))
            try await store.apply(.putGroup(group("g")))
            try await store.commit([offset("t", 1, 1)], group: "g")
            for version in 1...2 { try await store.apply(.putAgreements(agreements(Int64(version)))) }
            try await store.pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA foreign_keys = OFF")
                try database.execute(sql: statement)
            }
            #expect(try MetadataDatabase.check(path: path).contains { $0.contains(word) })
        }
    }

    @Test("damaged pages are found, and served to nobody as something else")
    func damagedPages() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/m.sqlite"
            let store = try MetadataDatabase(path: path)
            for number in 1...50 { try await store.apply(.createTopic(topic("topic-\(number)", UInt64(number)))) }
            await store.shutDown()
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            for place in stride(from: 4096 * 2, to: bytes.count, by: 4096) { bytes[place] = 0xFF }
            try bytes.write(to: URL(fileURLWithPath: path))
            let found: [String]
            do { found = try MetadataDatabase.check(path: path) } catch { found = ["\(error)"] }
            #expect(!found.isEmpty)
        }
    }

    @Test("SQLite's errors become the store's: full, read-only, corrupt, in use")
    func errorMapping() {
        func mapped(_ code: ResultCode) -> StorageError { StorageError(metadata: DatabaseError(resultCode: code, message: "x")) }
        #expect(mapped(.SQLITE_FULL) == .diskFull)
        #expect(mapped(.SQLITE_IOERR_SHMSIZE) == .diskFull)
        #expect(mapped(.SQLITE_READONLY) == .readOnly)
        #expect(mapped(.SQLITE_CORRUPT) == .corrupt("metadata: x"))
        #expect(mapped(.SQLITE_CONSTRAINT_UNIQUE) == .conflict("x"))
        #expect(mapped(.SQLITE_MISUSE) == .shutDown)
        if case .io = mapped(.SQLITE_IOERR_FSYNC) {} else { Issue.record("a failed sync is an io error") }
    }
}

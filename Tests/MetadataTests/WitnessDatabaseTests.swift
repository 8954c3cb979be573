import Metadata
import Storage
import Testing
import Transparency

@Suite("What a witness remembers")
struct WitnessDatabaseTests {
    private let key = SigningKey()
    private let logKey = SigningKey()

    private func log(_ name: String, _ size: Int64, host: String = "log.hue", time: Int64 = 7) -> WitnessedLog {
        let origin = KeyName("\(host)/\(name)")!  // a name
        let checkpoint = Checkpoint(origin: origin, size: size, root: TreeHashing.leaf(of: [UInt8(size)])).signed(by: logKey)
        let line = Cosignature.sign(checkpoint.checkpoint, by: key, as: KeyName("w")!, time: time)  // a name
        return WitnessedLog(host: host, time: time, checkpoint: checkpoint.cosigned(line))
    }

    @Test("survives a restart, each log with its last checkpoint")
    func roundTrip() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/memory.sqlite"
            let first = try WitnessDatabase.create(path: path, publicKey: key.publicKey)
            try await first.put([log("a", 3), log("b", 4), log("c", 5, host: "log.hanoi")])
            try await first.put([log("a", 9, time: 8)])
            await first.shutDown()
            let second = try WitnessDatabase(path: path, publicKey: key.publicKey)
            let (a, b, d) = (log("a", 9, time: 8), log("b", 4), log("d", 1))
            let found = try await second.logs([a.id, b.id, d.id])
            #expect(Set(found.keys) == [a.id, b.id])
            #expect(found[a.id]?.checkpoint.checkpoint == a.checkpoint.checkpoint && found[a.id]?.time == 8)
            #expect(try await second.logCount(ofHost: "log.hue") == 2)
            #expect(try await second.logCount(ofHost: "log.nowhere") == 0)
            await second.shutDown()
        }
    }

    @Test("is one key's, in one process, and never made over another")
    func guarded() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/memory.sqlite"
            let first = try WitnessDatabase.create(path: path, publicKey: key.publicKey)
            try await first.put([log("a", 3)])
            #expect(throws: StorageError.self) { try WitnessDatabase(path: path, publicKey: key.publicKey) }
            #expect(throws: StorageError.self) { try WitnessDatabase.create(path: path, publicKey: key.publicKey) }
            await first.shutDown()
            #expect(throws: StorageError.self) { try WitnessDatabase(path: path, publicKey: logKey.publicKey) }
            let metadata = try MetadataDatabase(path: directory + "/metadata.sqlite")
            await metadata.shutDown()
            #expect(throws: StorageError.self) { try WitnessDatabase(path: directory + "/metadata.sqlite", publicKey: key.publicKey) }
            let again = try WitnessDatabase(path: path, publicKey: key.publicKey)
            await again.shutDown()
        }
    }
}

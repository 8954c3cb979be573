import Testing

@testable import Transparency

@Suite("Time-stamps of checkpoints")
struct CheckpointTimestampTests {
    private let key = SigningKey()
    private let id = String(repeating: "0b", count: 16)

    private func note(_ origin: LogOrigin?, _ size: Int64, _ root: TreeHash) throws -> SignedCheckpoint {
        Checkpoint(origin: try #require(origin).name, size: size, root: root).signed(by: key)
    }

    /// Of the second leaf of a journal of three.
    private func timestamp(journalOf host: String = "log.test") throws -> CheckpointTimestamp {
        let checkpoints = try (1...3).map {
            try note(LogOrigin(host: "log.test", .partition(topic: "t", topicID: id, partition: 0)), $0, TreeHashing.leaf(of: [UInt8($0)]))
        }
        let leaves = checkpoints.map { TreeHashing.leaf(of: $0.bytes) }
        let root = TreeHashing.node(TreeHashing.node(leaves[0], leaves[1]), leaves[2])
        let journal = try note(LogOrigin(host: host, .journal(id: id)), 3, root)
        return CheckpointTimestamp(token: [1, 2, 3], checkpoint: checkpoints[1], index: 1, proof: [leaves[0], leaves[2]], journal: journal)
    }

    @Test("What is written is read again, and cut off anywhere it is refused")
    func roundTrip() throws {
        let timestamp = try timestamp()
        #expect(try CheckpointTimestamp(timestamp.bytes) == timestamp)
        for count in 0..<timestamp.bytes.count {
            #expect(throws: FormatFault.self, "cut to \(count)") { try CheckpointTimestamp(Array(timestamp.bytes[..<count])) }
        }
        let long = [UInt8](repeating: 0x41, count: TransparencyLimits.timestampBytesMax + 1)
        #expect(throws: FormatFault.self) { try CheckpointTimestamp(long) }
    }

    @Test("It holds for the node that signed both notes, by the path between them, and for nobody else")
    func holds() throws {
        let timestamp = try timestamp()
        let pinned = try #require(PinnedLog(host: "log.test", publicKeys: [key.publicKey]))
        #expect(timestamp.holds(for: pinned))
        let other = try #require(PinnedLog(host: "log.test", publicKeys: [SigningKey().publicKey]))
        #expect(!timestamp.holds(for: other))
        #expect(!(try self.timestamp(journalOf: "other.test").holds(for: pinned)))
        func with(index: Int64, proof: [TreeHash]) -> CheckpointTimestamp {
            CheckpointTimestamp(token: [], checkpoint: timestamp.checkpoint, index: index, proof: proof, journal: timestamp.journal)
        }
        #expect(!with(index: 0, proof: timestamp.proof).holds(for: pinned) && !with(index: 1, proof: []).holds(for: pinned))
        // A partition's note in the journal's place is no journal's.
        let swapped = CheckpointTimestamp(token: [], checkpoint: timestamp.checkpoint, index: 0, proof: [], journal: timestamp.checkpoint)
        #expect(!swapped.holds(for: pinned))
    }

    @Test("A leaf of the journal is a note as its log signed it, whoever cosigned it since")
    func cosigned() throws {
        let checkpoint = try timestamp().checkpoint
        let name = try #require(KeyName("witness.test"))
        let cosigned = checkpoint.cosigned(NoteSignature(name: name, keyID: 7, bytes: [1, 2, 3, 4]))
        #expect(cosigned != checkpoint && cosigned.withoutCosignatures == checkpoint)
    }
}

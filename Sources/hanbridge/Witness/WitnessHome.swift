import CLinux
import Foundation
import Metadata
import Sentences
import Storage
import Transparency

/// A witness's own directory: `key.pem`, `memory.sqlite`, `forks/`, and `witness.vkey`, which others pin.
///
/// The key and the memory are one: a key whose memory is gone would cosign whatever it is shown first, and so could be led to cosign two
/// histories of one log. So neither is ever made for the other, and no backup has them: a restored witness is a new one, with a new key.
struct WitnessHome {
    let directory: String

    private var keyFile: String { "\(directory)/key.pem" }
    private var newKeyFile: String { "\(directory)/key.pem.new" }
    private var memoryFile: String { "\(directory)/memory.sqlite" }
    var forksDirectory: String { "\(directory)/forks" }

    /// Opens what is there, or makes a new witness where nothing is.
    func open(as name: KeyName) throws -> (key: SigningKey, memory: WitnessDatabase) {
        let files = FileManager.default
        let opened: (key: SigningKey, memory: WitnessDatabase)
        switch (files.fileExists(atPath: keyFile), files.fileExists(atPath: memoryFile)) {
        case (true, true):
            let key = try LogKeyFiles.key(keyFile)
            opened = (key, try WitnessDatabase(path: memoryFile, publicKey: key.publicKey))
        case (true, false): throw CommandFailure.refused(.witnessMemoryLost(directory))
        // A first start that was interrupted: the key never signed, because only a key under its own name does.
        case (false, true) where files.fileExists(atPath: newKeyFile): opened = try make()
        case (false, true): throw CommandFailure.refused(.witnessKeyLost(directory))
        case (false, false): opened = try make()
        }
        let vkey = "\(opened.key.verifier(name, .cosignature))\n"
        do {
            try Data(vkey.utf8).write(to: URL(fileURLWithPath: "\(directory)/witness.vkey"), options: .atomic)
        } catch {
            throw CommandFailure.refused(.evidenceFileNotWritten("\(directory)/witness.vkey"))
        }
        return opened
    }

    private func make() throws -> (key: SigningKey, memory: WitnessDatabase) {
        let key = SigningKey()
        try LogKeyFiles.write(key, to: newKeyFile)
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: memoryFile + suffix) }
        let memory = try WitnessDatabase.create(path: memoryFile, publicKey: key.publicKey)
        do {
            try FileManager.default.moveItem(atPath: newKeyFile, toPath: keyFile)
        } catch {
            throw CommandFailure.refused(.evidenceFileNotWritten(keyFile))
        }
        return (key, memory)
    }
}

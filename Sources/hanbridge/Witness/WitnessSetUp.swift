import Foundation
import Logging
import Metadata
import Sentences
import Transparency
import Witnessing

/// Puts a witness together from its configuration.
struct WitnessSetUp {
    let role: WitnessRole
    let home: WitnessHome

    /// The peers with their keys, as the files have them.
    func peers() throws(CommandFailure) -> WitnessPeers {
        var peers: [WitnessPeers.Peer] = []
        for peer in role.peers {
            guard let log = try EvidenceFiles.logKeys(peer.keys).log(ofHost: peer.host) else {
                throw .refused(.witnessPeerWithoutKey(peer.host, file: peer.keys))
            }
            peers.append(WitnessPeers.Peer(log, logsMax: peer.logsMax))
        }
        do {
            return try WitnessPeers(peers)
        } catch {
            preconditionFailure("the configuration has held the peers' limits already: \(error)")
        }
    }

    func open(logger: Logger) throws -> (witness: Witness, memory: WitnessDatabase, publicKey: [UInt8]) {
        guard let name = KeyName(role.name) else { preconditionFailure("the configuration has a name that can be none") }
        let peers = try peers()
        let (key, memory) = try home.open(as: name)
        let witness = Witness(
            name: name, key: key, peers: peers, store: memory, forks: try ForkFolder(home.forksDirectory),
            now: { Int64(Date().timeIntervalSince1970 * 1000) }, log: logger)
        logger.notice("witness \(witness.verifierKey) for \(peers.hosts.joined(separator: ", "))")
        return (witness, memory, key.publicKey)
    }
}

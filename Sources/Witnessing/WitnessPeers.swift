public import Transparency

/// Whose logs a witness cosigns: nodes by their names and keys (EVIDENCE.md), each with as many logs as it may have.
public struct WitnessPeers: Hashable, Sendable {
    public struct Peer: Hashable, Sendable {
        public let log: PinnedLog
        /// Logs under its name.
        public let logsMax: Int

        public init(_ log: PinnedLog, logsMax: Int = WitnessLimits.logsPerPeerMax) {
            self.log = log
            self.logsMax = logsMax
        }
    }

    public enum Fault: Error, Hashable, Sendable {
        case tooMany(Int)
        case twice(host: String)
        case logsMax(host: String, Int)
    }

    private let byHost: [String: Peer]

    public init(_ peers: [Peer]) throws(Fault) {
        guard peers.count <= WitnessLimits.peersMax else { throw .tooMany(peers.count) }
        var byHost: [String: Peer] = [:]
        for peer in peers {
            guard (1...WitnessLimits.logsPerPeerCeiling).contains(peer.logsMax) else { throw .logsMax(host: peer.log.host, peer.logsMax) }
            guard byHost.updateValue(peer, forKey: peer.log.host) == nil else { throw .twice(host: peer.log.host) }
        }
        self.byHost = byHost
    }

    public var hosts: [String] { byHost.keys.sorted() }

    /// The peer under whose name the log is, if any.
    func owner(of origin: KeyName) -> Peer? {
        guard let peer = byHost[String(origin.text.prefix { $0 != "/" })], peer.log.owns(origin) else { return nil }
        return peer
    }
}

import Sentences
import Transparency
import Witnessing

/// The `evidence` section: what the logs are called by, who signs them, who cosigns them, and whose logs are cosigned here.
struct EvidenceChoice: Equatable, Sendable {
    /// nil where nobody chose one: then the cluster's id is it.
    let host: String?
    /// Absolute; empty for the broker's own.
    let keys: [String]
    /// The C2SP tlog-policy file, absolute; nil where no cosignature is asked for.
    let policy: String?
    let witnesses: [WitnessChoice]
    let witness: WitnessRole?
    /// nil where nothing is time-stamped.
    let timestamp: TimestampChoice?

    /// A witness that is asked, by its name in the policy file.
    struct WitnessChoice: Equatable, Sendable {
        let name: String
        /// The client files that its operator issued to this broker; nil for one on this machine without TLS.
        let profile: String?
        /// The submission prefix, where it is neither in the policy file nor `/witness` at the profile's address.
        let url: String?
    }

    /// Files that it names.
    var files: [String] { keys + (policy.map { [$0] } ?? []) + (witness?.peers.map(\.keys) ?? []) }

    init(_ section: ConfigurationSection?, absolute: (String) -> String) throws(ConfigurationError) {
        try section?.allow(["host", "keys", "policy", "witnesses", "witness", "timestamp"])
        let host = try section?.string("host")
        if let host, KeyName(host) == nil || host.contains("/") {
            throw ConfigurationError(file: section?.file ?? "", line: section?.line(of: "host"), sentence: .evidenceHostWrong(host))
        }
        self.host = host
        keys = try section?.strings("keys")?.map(absolute) ?? []
        policy = try section?.string("policy").map(absolute)
        var choices: [WitnessChoice] = []
        if let section = try section?.section("witnesses") {
            for (name, own) in try section.sections() {
                try own.allow(["profile", "url"])
                choices.append(WitnessChoice(name: name, profile: try own.string("profile").map(absolute), url: try own.string("url")))
            }
            guard policy != nil else {
                throw ConfigurationError(file: section.file, line: section.line, sentence: .keyMissing("evidence.policy"))
            }
        }
        witnesses = choices
        timestamp = try section?.section("timestamp").map { own throws(ConfigurationError) in try TimestampChoice(own, absolute) }
        witness = try section?.section("witness").map { own throws(ConfigurationError) in try WitnessRole(own, absolute: absolute, others: []) }
    }
}

/// Whose logs a witness cosigns, and under which name.
struct WitnessRole: Equatable, Sendable {
    let name: String
    let peers: [Peer]

    struct Peer: Equatable, Sendable {
        let host: String
        /// The file of its log keys, as its `/tlog/keys` answers them.
        let keys: String
        let logsMax: Int
    }

    /// - Parameter others: further keys that the section may have.
    init(_ section: ConfigurationSection, absolute: (String) -> String, others: [String]) throws(ConfigurationError) {
        try section.allow(["name", "peers"] + others)
        guard let name = try section.string("name") else {
            throw ConfigurationError(file: section.file, line: section.line, sentence: .keyMissing(section.qualified("name")))
        }
        guard KeyName(name) != nil else {
            throw ConfigurationError(file: section.file, line: section.line(of: "name"), sentence: .witnessNameWrong(name))
        }
        self.name = name
        var peers: [Peer] = []
        for (host, own) in try section.section("peers")?.sections() ?? [] {
            try own.allow(["keys", "logsMax"])
            guard let keys = try own.string("keys") else {
                throw ConfigurationError(file: own.file, line: own.line, sentence: .keyMissing(own.qualified("keys")))
            }
            let logsMax = try own.string("logsMax").map { Int($0) ?? 0 } ?? WitnessLimits.logsPerPeerMax
            guard (1...WitnessLimits.logsPerPeerCeiling).contains(logsMax) else {
                throw ConfigurationError(
                    file: own.file, line: own.line(of: "logsMax"),
                    sentence: .outOfRange(own.qualified("logsMax"), lowest: 1, highest: WitnessLimits.logsPerPeerCeiling))
            }
            peers.append(Peer(host: host, keys: absolute(keys), logsMax: logsMax))
        }
        guard peers.count <= WitnessLimits.peersMax else {
            throw ConfigurationError(
                file: section.file, line: section.line(of: "peers"),
                sentence: .outOfRange(section.qualified("peers"), lowest: 0, highest: WitnessLimits.peersMax))
        }
        self.peers = peers
    }
}

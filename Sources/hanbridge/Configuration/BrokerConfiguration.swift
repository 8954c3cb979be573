import AccessPolicy
import Broker
import Foundation
import Identity
import Logging
import Sentences

/// broker.yaml. Every key is known or refused with its line; nothing is read from elsewhere. Paths are relative to the file.
///
/// ```yaml
/// data: data                        # the store: log, metadata, endpoints.json
/// listeners:
///   kafka: 0.0.0.0:9093             # port 0 picks a free one
///   https: 0.0.0.0:8443
///   health: 127.0.0.1:9644          # loopback only
///   advertised: broker.example:9093 # what clients are told; default: the Kafka listener's own address
/// tls:
///   minimumVersion: "1.3"           # or "1.2"
/// identity: …                       # IdentitySettings, module Identity
/// policy:
///   directory: agreements           # applied at start and on reload
///   signatures: recorded            # or required: agreements that are not signed by all who must are refused
/// backup:
///   directory: backups              # where `backup create` puts its copies
/// evidence:
///   host: log.city.example          # what the logs are called by; never changes
///   keys: [log.pem]                 # who signs, the first; further ones while keys are exchanged; default: made in data/keys
///   policy: witnesses.policy        # who must cosign (C2SP tlog-policy), and how each of them is reached:
///   witnesses:
///     hue: { profile: trust/hue/profile.yaml }
///   witness:                        # whose logs are cosigned here
///     name: witness.city.example
///     peers:
///       log.hue.example: { keys: trust/hue-log-keys, logsMax: 1000 }
///   timestamp:                      # an RFC 3161 authority; without it nothing is time-stamped
///     url: https://tsa.example/
///     authorities: tsa-ca.pem       # PEM: whose tokens are believed
///     serverAuthorities: ca.pem     # PEM: who vouches for an https address; default: the system's
///     seconds: {interval: 60, outageMax: 14400}
/// logging:
///   level: info                     # trace, debug, info, notice, warning, error
///   format: text                    # or json
/// limits:                           # ListenerLimits, by name
///   connectionsMax: 10000
/// kafka:                            # BrokerSettings, by Kafka's names
///   num.partitions: 3
/// ```
struct BrokerConfiguration: Sendable {
    /// The file itself, and its directory, absolute.
    let file: String
    let directory: String
    let data: String
    let listeners: ListenerAddresses
    let tls: TLSChoice
    let identity: IdentitySettings
    let policyDirectory: String?
    let signatures: SignatureRules.Mode
    let backupDirectory: String
    let evidence: EvidenceChoice
    let logging: LoggingChoice
    let limits: [LimitChoice]
    let settings: BrokerSettings
    /// The names that `kafka:` sets, as written.
    let settingNames: Set<String>

    struct ListenerAddresses: Equatable, Sendable {
        let kafka: HostAndPort
        let https: HostAndPort
        let health: HostAndPort
        let advertised: HostAndPort?
    }

    enum TLSChoice: String, CaseIterable, Sendable {
        case onlyVersion13 = "1.3"
        case fromVersion12 = "1.2"
    }

    struct LoggingChoice: Equatable, Sendable {
        enum Format: String, CaseIterable, Sendable { case text, json }
        let level: Logger.Level
        let format: Format
    }

    /// One line of `limits:`; ``ListenerLimits`` says what it means.
    struct LimitChoice: Equatable, Sendable {
        let name: String
        let value: Int
        let line: Int
    }

    static let keys = ["data", "listeners", "tls", "identity", "policy", "backup", "evidence", "logging", "limits", "kafka"]
    /// A file beyond this is not a configuration.
    static let fileBytesMax = 1 << 20

    /// - Throws: ``ConfigurationError`` that names the file and the line.
    init(contentsOf path: String) throws(ConfigurationError) {
        let url = URL(fileURLWithPath: path).standardizedFileURL
        guard let data = FileManager.default.contents(atPath: url.path), data.count <= Self.fileBytesMax,
            let text = String(bytes: data, encoding: .utf8)
        else { throw ConfigurationError(file: path, line: nil, sentence: .fileUnreadable(path)) }
        try self.init(parsing: text, file: url.path)
    }

    init(parsing text: String, file: String) throws(ConfigurationError) {
        let root = try ConfigurationSection(parsing: text, file: file)
        try root.allow(Self.keys)
        let directory = URL(fileURLWithPath: file).deletingLastPathComponent().path
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(directory)/\(path)" }

        self.file = file
        self.directory = directory
        data = absolute(try root.string("data") ?? "data")
        listeners = try ListenerAddresses(root.section("listeners"))

        let tls = try root.section("tls")
        try tls?.allow(["minimumVersion"])
        self.tls = try tls?.word("minimumVersion", TLSChoice.self) ?? .onlyVersion13

        identity = try IdentitySettings(root)

        let policy = try root.section("policy")
        try policy?.allow(["directory", "signatures"])
        signatures = try policy?.word("signatures", SignatureRules.Mode.self) ?? .recorded
        policyDirectory = try policy?.string("directory").map(absolute)

        let backup = try root.section("backup")
        try backup?.allow(["directory"])
        backupDirectory = absolute(try backup?.string("directory") ?? "backups")

        evidence = try EvidenceChoice(root.section("evidence"), absolute: absolute)

        let logging = try root.section("logging")
        try logging?.allow(["level", "format"])
        self.logging = LoggingChoice(
            level: try logging?.word("level", Logger.Level.self) ?? .info,
            format: try logging?.word("format", LoggingChoice.Format.self) ?? .text)

        limits = try root.section("limits")?.integers().map(LimitChoice.init) ?? []

        let kafka = try root.section("kafka")
        let values = try kafka?.scalars() ?? [:]
        settingNames = Set(values.keys)
        do {
            settings = try BrokerSettings(values)
        } catch {
            let line = values.keys.first { error.description.hasPrefix($0) }.flatMap { kafka?.line(of: $0) } ?? kafka?.line
            throw ConfigurationError(file: file, line: line, sentence: .told(error.description))
        }
    }

    /// The running program's list of endpoints.
    var endpointsFile: String { "\(data)/endpoints.json" }
    var logDirectory: String { "\(data)/log" }
    var metadataFile: String { "\(data)/metadata.sqlite" }
    /// The key and the memory of this broker as a witness of others.
    var witnessDirectory: String { "\(data)/witness" }
    /// The key that signs checkpoints, where none is named.
    var ownLogKeyFile: String { "\(data)/keys/log.pem" }

    /// Every file and directory whose change is a reason to reload.
    func watchedPaths() -> [String] {
        let own = [identity.certificate, identity.key].map { $0.hasPrefix("/") ? $0 : "\(directory)/\($0)" }
        return own + TrustFiles.paths(of: identity, relativeTo: directory) + (policyDirectory.map { [$0] } ?? [])
    }
}

extension BrokerConfiguration.ListenerAddresses {
    fileprivate init(_ section: ConfigurationSection?) throws(ConfigurationError) {
        try section?.allow(["kafka", "https", "health", "advertised"])
        kafka = try section?.address("kafka") ?? HostAndPort(host: "0.0.0.0", port: 9093)
        https = try section?.address("https") ?? HostAndPort(host: "0.0.0.0", port: 8443)
        health = try section?.address("health") ?? HostAndPort(host: "127.0.0.1", port: 9644)
        advertised = try section?.address("advertised")
        // Health and metrics have neither TLS nor identity: they must not be reachable from another machine.
        guard ["127.0.0.1", "localhost", "::1"].contains(health.host) else {
            throw ConfigurationError(file: section?.file ?? "", line: section?.line(of: "health"), sentence: .healthNotLoopback(health.host))
        }
    }
}

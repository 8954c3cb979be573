import Foundation
import Identity
import Logging
import Sentences

/// The configuration of a witness that runs alone. Every key is known or refused with its line; paths are relative to the file.
///
/// ```yaml
/// name: witness.tax.example         # the name of its key; never changes
/// state: state                      # its key, its memory, what it keeps of forks
/// listeners:
///   https: 0.0.0.0:8443             # port 0 picks a free one
///   health: 127.0.0.1:9644          # loopback only
/// identity: …                       # as in broker.yaml: its certificate, and whose certificates it takes
/// peers:
///   log.danang: { keys: danang-log-keys, logsMax: 1000 }
/// logging: …                        # as in broker.yaml
/// ```
struct WitnessConfiguration: Sendable {
    let file: String
    let directory: String
    let role: WitnessRole
    let state: String
    let https: HostAndPort
    let health: HostAndPort
    let identity: IdentitySettings
    let logging: BrokerConfiguration.LoggingChoice

    init(contentsOf path: String) throws(ConfigurationError) {
        let url = URL(fileURLWithPath: path).standardizedFileURL
        guard let data = FileManager.default.contents(atPath: url.path), data.count <= BrokerConfiguration.fileBytesMax,
            let text = String(bytes: data, encoding: .utf8)
        else { throw ConfigurationError(file: path, line: nil, sentence: .fileUnreadable(path)) }
        try self.init(parsing: text, file: url.path)
    }

    init(parsing text: String, file: String) throws(ConfigurationError) {
        let root = try ConfigurationSection(parsing: text, file: file)
        let directory = URL(fileURLWithPath: file).deletingLastPathComponent().path
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(directory)/\(path)" }
        self.file = file
        self.directory = directory
        role = try WitnessRole(root, absolute: absolute, others: ["state", "listeners", "identity", "logging"])
        state = absolute(try root.string("state") ?? "state")
        let listeners = try root.section("listeners")
        try listeners?.allow(["https", "health"])
        https = try listeners?.address("https") ?? HostAndPort(host: "0.0.0.0", port: 8443)
        health = try listeners?.address("health") ?? HostAndPort(host: "127.0.0.1", port: 9644)
        guard ["127.0.0.1", "localhost", "::1"].contains(health.host) else {
            throw ConfigurationError(file: file, line: listeners?.line(of: "health"), sentence: .healthNotLoopback(health.host))
        }
        identity = try IdentitySettings(root)
        let logging = try root.section("logging")
        try logging?.allow(["level", "format"])
        self.logging = BrokerConfiguration.LoggingChoice(
            level: try logging?.word("level", Logger.Level.self) ?? .info,
            format: try logging?.word("format", BrokerConfiguration.LoggingChoice.Format.self) ?? .text)
    }

    var endpointsFile: String { "\(state)/endpoints.json" }
}

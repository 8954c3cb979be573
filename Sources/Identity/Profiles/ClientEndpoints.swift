import Yams

/// Where clients reach the broker: `pki/endpoints.yaml`, written by `init`, read by `cert issue` for the client files.
///
/// ```yaml
/// kafka: broker.example:9093
/// https: https://broker.example:8443
/// running: ../data/endpoints.json     # optional: what the broker on this machine really got (port 0)
/// ```
public struct ClientEndpoints: Sendable, Hashable, Codable {
    /// `host:port`.
    public var kafka: String
    /// `https://host:port`.
    public var https: String
    /// The broker's `endpoints.json`, absolute. In the file it may be relative to the file.
    public var running: String?

    public init(kafka: String, https: String, running: String? = nil) {
        self.kafka = kafka
        self.https = https
        self.running = running
    }

    /// What a broker with default ports on this machine has.
    public static let onThisMachine = ClientEndpoints(kafka: "localhost:9093", https: "https://localhost:8443")

    private static let fileBytesMax = 1 << 16

    /// - Returns: nil when the authority's directory has no such file.
    /// - Throws: `.directory` when it has one that cannot be read.
    public static func load(pki directory: String) throws(AuthorityError) -> ClientEndpoints? {
        let path = "\(directory)/endpoints.yaml"
        guard DurableFile.exists(path) else { return nil }
        do {
            let text = String(decoding: try DurableFile.contents(of: path, bytesMax: fileBytesMax), as: UTF8.self)
            var endpoints = try YAMLDecoder().decode(ClientEndpoints.self, from: text)
            endpoints.running = endpoints.running.map { FilePath.absolute($0, relativeTo: directory) }
            return endpoints
        } catch {
            throw .directory("\(path) cannot be read: \(error)")
        }
    }

    /// Writes `endpoints.yaml`; `running` relative to it where both are in one tree.
    public func save(pki directory: String) throws(AuthorityError) {
        var text = "# Where clients reach the broker; `hanbridge cert issue` writes it into the client files.\n"
        text += "kafka: \(YAMLText.quoted(kafka))\nhttps: \(YAMLText.quoted(https))\n"
        if let running { text += "running: \(YAMLText.quoted(FilePath.relative(running, to: directory)))\n" }
        do {
            try DurableFile.replace("\(directory)/endpoints.yaml", with: Array(text.utf8), mode: 0o644)
        } catch {
            throw error.asAuthorityError
        }
    }
}

enum YAMLText {
    /// A double-quoted YAML scalar: safe for any text without control characters.
    static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

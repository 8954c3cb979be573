import Foundation
import NIOCore
import Sentences
import Yams

/// The small YAML file beside a certificate that tells a command where the broker is and who asks. `init` and `cert issue`
/// write it; paths in it are relative to the file.
struct Profile: Equatable, Sendable {
    /// `host:port` of the Kafka listener; several separated by commas.
    var kafka: String
    /// `https://host:port`
    var https: String
    /// `http://host:port` of the health listener, where it can be reached from here.
    var health: String?
    /// A broker's `endpoints.json`: while it can be read, what it says comes before the three above. For a broker on
    /// this machine whose ports are picked at start.
    var endpoints: String?
    /// PEM files.
    var ca: String
    var certificate: String
    var key: String
    /// What a subscriber reads for; ends up in the client id as `purpose=<id>;`.
    var purpose: String?

    static let keys = ["kafka", "https", "health", "endpoints", "ca", "certificate", "key", "purpose"]

    /// The file's text; paths as they are.
    var yaml: String {
        let fields: [(String, String?)] = [
            ("kafka", kafka), ("https", https), ("health", health), ("endpoints", endpoints),
            ("ca", ca), ("certificate", certificate), ("key", key), ("purpose", purpose),
        ]
        return fields.compactMap { name, value in
            value.map { "\(name): \"\($0.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\""))\"\n" }
        }.joined()
    }

    init(
        kafka: String, https: String, health: String? = nil, endpoints: String? = nil, ca: String, certificate: String, key: String,
        purpose: String? = nil
    ) {
        self.kafka = kafka
        self.https = https
        self.health = health
        self.endpoints = endpoints
        self.ca = ca
        self.certificate = certificate
        self.key = key
        self.purpose = purpose
    }

    /// Reads a profile, makes its paths absolute and puts a running broker's endpoints in.
    init(contentsOf path: String) throws(CommandFailure) {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw .wrongUsage(.fileUnreadable(path))
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try self.init(parsing: text, name: path)
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }
        ca = absolute(ca)
        certificate = absolute(certificate)
        key = absolute(key)
        endpoints = endpoints.map(absolute)
        if let file = endpoints, let running = Endpoints(contentsOf: file) {
            kafka = running.kafka
            https = running.https
            health = running.health
        }
    }

    /// - Throws: a usage error that names the key that is unknown or missing.
    init(parsing text: String, name: String) throws(CommandFailure) {
        let fields: [String: String]
        do {
            guard let mapping = try Yams.compose(yaml: text)?.mapping else { throw CommandFailure.wrongUsage(.profileInvalid(name, why: "it is not a mapping")) }
            var read: [String: String] = [:]
            for (key, value) in mapping {
                guard let key = key.string, Self.keys.contains(key), let value = value.scalar?.string else {
                    throw CommandFailure.wrongUsage(.profileInvalid(name, why: "“\(key.string ?? "?")” is not one of \(Self.keys.joined(separator: ", "))"))
                }
                read[key] = value
            }
            fields = read
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw .wrongUsage(.profileInvalid(name, why: String(describing: error)))
        }
        func required(_ key: String) throws(CommandFailure) -> String {
            guard let value = fields[key], !value.isEmpty else { throw .wrongUsage(.profileInvalid(name, why: "“\(key)” is missing")) }
            return value
        }
        self.init(
            kafka: try required("kafka"), https: try required("https"), health: fields["health"], endpoints: fields["endpoints"],
            ca: try required("ca"), certificate: try required("certificate"), key: try required("key"),
            purpose: fields["purpose"])
    }

    /// The first of the addresses: the others are reached through its metadata.
    var kafkaAddress: HostAndPort? { kafka.split(separator: ",").first.flatMap { HostAndPort($0.trimmingCharacters(in: .whitespaces)) } }
}

/// `host:port`, with an IPv6 host in brackets.
struct HostAndPort: Hashable, Sendable, CustomStringConvertible {
    let host: String
    let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65535).contains(port) else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() } else if host.contains(":") { return nil }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: port)
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

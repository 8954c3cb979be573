import Foundation

/// Where a running broker listens: printed by `serve` and written to `<data>/endpoints.json`.
struct Endpoints: Codable, Equatable, Sendable {
    /// `host:port`
    let kafka: String
    /// `https://host:port`
    let https: String
    /// `http://host:port`
    let health: String
    /// The broker's process, for `doctor` and `bench` on the same machine.
    let pid: Int32?

    init(kafka: String, https: String, health: String, pid: Int32?) {
        self.kafka = kafka
        self.https = https
        self.health = health
        self.pid = pid
    }

    /// - Returns: nil when the file is not there or is not of this shape.
    init?(contentsOf path: String) {
        guard let data = FileManager.default.contents(atPath: path), let decoded = try? JSONDecoder().decode(Endpoints.self, from: data)
        else { return nil }
        self = decoded
    }

    var json: String {
        let fields: [(String, String)] = [("kafka", kafka), ("https", https), ("health", health)]
        let text = fields.map { "\"\($0)\":\(JSONText.quoted($1))" }.joined(separator: ",")
        return "{\(text)\(pid.map { ",\"pid\":\($0)" } ?? "")}"
    }
}

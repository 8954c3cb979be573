/// What a log is called in its checkpoints, and the name of the key that signs them: `<host>/<topic>/<topic UUID in hex>/<partition>`,
/// or `<host>/journal/<uuid>` for a node's journal of checkpoints (EVIDENCE.md, "The checkpoint"). The UUID makes a deleted and
/// re-created topic a different log.
public struct LogOrigin: Hashable, Sendable, CustomStringConvertible {
    public enum Log: Hashable, Sendable {
        case partition(topic: String, topicID: String, partition: Int32)
        case journal(id: String)
    }

    /// A configured name that never changes; nobody connects to it.
    public let host: String
    public let log: Log
    public let name: KeyName

    /// - Returns: nil where a part is empty, has a slash or could not stand in a key's name, an id is not 32 lower-case hex digits, or a
    ///   partition is negative.
    public init?(host: String, _ log: Log) {
        let text: String
        switch log {
        case .partition(let topic, let topicID, let partition):
            guard Self.isPart(topic), Self.isID(topicID), partition >= 0 else { return nil }
            text = "\(host)/\(topic)/\(topicID)/\(partition)"
        case .journal(let id):
            guard Self.isID(id) else { return nil }
            text = "\(host)/journal/\(id)"
        }
        guard Self.isPart(host), let name = KeyName(text) else { return nil }
        self.host = host
        self.log = log
        self.name = name
    }

    /// Reads what `description` writes.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 3 where parts[1] == "journal": self.init(host: parts[0], .journal(id: parts[2]))
        case 4:
            guard let partition = Decimal.decode(parts[3].utf8), let partition = Int32(exactly: partition) else { return nil }
            self.init(host: parts[0], .partition(topic: parts[1], topicID: parts[2], partition: partition))
        default: return nil
        }
    }

    public var description: String { name.text }

    private static func isPart(_ text: String) -> Bool { !text.isEmpty && !text.utf8.contains(UInt8(ascii: "/")) }

    private static func isID(_ text: String) -> Bool {
        let digits = Array("0123456789abcdef".utf8)
        return text.utf8.count == 32 && text.utf8.allSatisfy(digits.contains)
    }
}

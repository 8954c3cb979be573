/// Public keys of logs as a person pins them: a file of verifier keys (C2SP signed-note), one a line. A key named after a host signs all of
/// its logs (EVIDENCE.md, "Witnesses and time"); one named after an origin signs that log alone. Two keys of one name are an exchange of keys.
public struct LogKeys: Hashable, Sendable {
    public let keys: [VerifierKey]

    public init(_ keys: [VerifierKey]) { self.keys = keys }

    /// Reads a file: empty lines and lines that begin with `#` are passed over.
    /// - Throws: where a line is no log's key, or there is none.
    public init(file: [UInt8]) throws(FormatFault) {
        guard file.count <= TransparencyLimits.keyFileBytesMax else { throw FormatFault(.tooLong, at: TransparencyLimits.keyFileBytesMax) }
        var keys: [VerifierKey] = []
        var lines = TextLines(file)
        while !lines.isAtEnd {
            let line = try lines.next()
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            do throws(FormatFault) {
                let key = try VerifierKey(vkey: line)
                guard key.type == .ed25519 else { throw FormatFault(.unknownKeyType, at: 0) }
                keys.append(key)
            } catch {
                throw error.moved(by: line.startIndex)
            }
        }
        guard !keys.isEmpty else { throw FormatFault(.tooShort, at: file.count) }
        self.keys = keys
    }

    /// The keys of a node, whatever its log; nil where none is named after it.
    public func log(ofHost host: String) -> PinnedLog? {
        PinnedLog(host: host, publicKeys: keys.filter { $0.name.text.utf8.elementsEqual(host.utf8) }.map(\.publicKey))
    }

    /// The keys that may sign a log's checkpoints; nil where none may.
    public func log(of origin: KeyName) -> PinnedLog? {
        let host = origin.text.prefix { $0 != "/" }
        let own = keys.filter { $0.name == origin || $0.name.text.utf8.elementsEqual(host.utf8) }
        return PinnedLog(host: String(host), publicKeys: own.map(\.publicKey))
    }
}

/// The full name of a record, enum or fixed (Avro 1.12, "Names").
struct AvroName: Hashable, Sendable {
    /// Without the last part; empty for the null namespace.
    let namespace: String
    /// The last part.
    let simple: String

    var full: String { namespace.isEmpty ? simple : "\(namespace).\(simple)" }

    /// - Parameters:
    ///   - written: as a schema writes it: with a dot it is a full name.
    ///   - namespace: of the surroundings.
    init(_ written: String, in namespace: String) {
        if let dot = written.lastIndex(of: "."), dot != written.startIndex {
            self.namespace = String(written[..<dot])
            self.simple = String(written[written.index(after: dot)...])
        } else {
            self.namespace = namespace
            self.simple = written
        }
    }

    /// Each part is a name, and the last one is not that of a primitive type.
    var isValid: Bool {
        Self.isPart(simple) && AvroKind(primitive: simple) == nil && Self.isNamespace(namespace) && full.utf8.count <= SchemaLimits.avroNameBytesMax
    }

    static func isNamespace(_ text: String) -> Bool {
        text.isEmpty || text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isPart)
    }

    /// `[A-Za-z_][A-Za-z0-9_]*`, as for fields and symbols too.
    static func isPart(_ text: some StringProtocol) -> Bool {
        let utf8 = text.utf8
        guard let first = utf8.first, !isDigit(first), utf8.count <= SchemaLimits.avroNameBytesMax else { return false }
        return utf8.allSatisfy { isDigit($0) || (0x41...0x5A).contains($0 & 0xDF) || $0 == 0x5F }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

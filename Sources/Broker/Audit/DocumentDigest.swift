public import Storage
import Crypto

/// The SHA-256 of a document as it is stored, which the audit record of the change has that puts it there (`details.sha256`): by it agreements and
/// schemas are proven years later.
///
///     agreements  H("agreements/v1" || { blob(file name) blob(file) }*)                            files by the bytes of their names
///     schema      H("schema/v1" || blob(type) blob(text) { blob(name) blob(subject) u32 version }*)  references in their order
///     blob(x)     u32 length || bytes, big-endian                                                  texts in UTF-8
public struct DocumentDigest: Hashable, Sendable, CustomStringConvertible {
    public static let detail = "sha256"

    /// 64 lower-case digits.
    public let description: String

    /// - Parameter files: of a version of the agreements, by name.
    public init(agreements files: [String: String]) {
        var hash = Framed("agreements/v1")
        for (name, text) in files.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            hash.add(name)
            hash.add(text)
        }
        description = hash.hex
    }

    /// - Parameter type: `AVRO`, `JSON` or `PROTOBUF`.
    public init(schema text: String, type: String, references: [SchemaReference]) {
        var hash = Framed("schema/v1")
        hash.add(type)
        hash.add(text)
        for reference in references {
            hash.add(reference.name)
            hash.add(reference.target.subject)
            hash.add(UInt32(bitPattern: reference.target.version))
        }
        description = hash.hex
    }

    init(_ record: SchemaRecord) { self.init(schema: record.text, type: record.format, references: record.references) }

    private struct Framed {
        private var hash = SHA256()

        init(_ purpose: String) { hash.update(data: Array(purpose.utf8)) }

        mutating func add(_ text: String) {
            add(UInt32(text.utf8.count))
            hash.update(data: Array(text.utf8))
        }

        mutating func add(_ number: UInt32) { hash.update(data: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }) }

        var hex: String {
            guard let digest = Digest256(bytes: Array(hash.finalize())) else { preconditionFailure("SHA-256 has 32 bytes") }
            return digest.hex
        }
    }
}

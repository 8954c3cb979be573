public import MessageSchema
public import Storage

/// A schema of the registry, compiled once. Immutable: any thread may validate with it at any time.
public final class RegisteredSchema: Sendable {
    public let record: SchemaRecord
    /// The program, or why there is none: a schema that an earlier version of Hanbridge took and this one does not. It keeps its
    /// id and its text, and records of it are refused with that sentence.
    public let program: Result<CompiledSchema, SchemaError>
    /// Every subject and version that it is registered as, in order; the soft-deleted ones too.
    public let memberships: [Membership]
    /// The text without what has no meaning in its language: what a schema sent in is compared by.
    let identity: SchemaIdentity
    /// Nobody but the broker has registered it.
    let isDerived: Bool

    public struct Membership: Hashable, Sendable {
        public let name: SubjectVersionName
        /// Softly: found by its id and number, and not the subject's latest.
        public let isDeleted: Bool

        /// As what subscribers see of another schema, which the broker registers.
        var isProjected: Bool { ProjectedSubject.source(of: name.subject) != nil }
    }

    init(_ record: SchemaRecord, identity: SchemaIdentity, program: Result<CompiledSchema, SchemaError>, memberships: [Membership]) {
        self.record = record
        self.identity = identity
        self.program = program
        self.memberships = memberships
        isDerived = !memberships.isEmpty && memberships.allSatisfy(\.isProjected)
    }

    /// The global id, from 1, that Confluent's framing carries.
    public var id: Int32 { record.id }
    public var format: SchemaFormat { identity.format }
    public var text: String { record.text }

    /// The program; nil where it no longer compiles: ``refusal`` says why.
    public var compiled: CompiledSchema? {
        switch program {
        case .success(let compiled): compiled
        case .failure: nil
        }
    }

    /// A sentence for whoever publishes records of a schema that no longer compiles.
    public var refusal: String? {
        switch program {
        case .success: nil
        case .failure(let error):
            "schema \(id) cannot be used by this version of the broker (\(error)); its steward registers a mended version"
        }
    }

    /// Whether it is a version of the subject, a soft-deleted one not counted.
    public func isVersion(of subject: String) -> Bool {
        memberships.contains { $0.name.subject == subject && !$0.isDeleted }
    }

    /// The version that it is of a subject, the newest of several; nil for none. A soft-deleted one counts where no other is.
    public func version(in subject: String) -> Int32? {
        let own = memberships.filter { $0.name.subject == subject }
        return (own.last { !$0.isDeleted } ?? own.last)?.name.version
    }

    func with(_ memberships: [Membership]) -> RegisteredSchema {
        RegisteredSchema(record, identity: identity, program: program, memberships: memberships)
    }
}

/// What makes two registrations one schema: format, text and references (Confluent gives both one id).
struct SchemaIdentity: Hashable, Sendable {
    let format: SchemaFormat
    let text: String
    let references: [SchemaReference]

    /// - Parameter compiled: nil for a schema that does not compile, which is compared as it stands.
    init(format: SchemaFormat, text: String, references: [SchemaReference], compiled: CompiledSchema?) {
        self.format = format
        self.references = references
        self.text =
            switch format {
            case .json: text.withoutJSONSpace
            case .avro, .protobuf: compiled?.canonicalText ?? text
            }
    }
}

extension String {
    /// JSON without the white space between its tokens (RFC 8259, 2). It is compared, never used.
    var withoutJSONSpace: String {
        var isInString = false
        var isEscaped = false
        var kept: [UInt8] = []
        kept.reserveCapacity(utf8.count)
        for byte in utf8 {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            } else if byte == 0x20 || (0x09...0x0D).contains(byte) {
                continue
            }
            kept.append(byte)
        }
        return kept.count == utf8.count ? self : String(decoding: kept, as: UTF8.self)
    }
}

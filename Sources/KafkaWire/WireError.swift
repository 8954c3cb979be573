/// Bytes of a peer that are not what the protocol says. Nothing was changed; the connection they came from can be closed.
public struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where, counted from the start of the buffer that was decoded (for a request: from the start of its frame).
    public let offset: Int
    /// The field of Kafka's message definition that was being read.
    public let field: String
    public let reason: Reason

    public enum Reason: Hashable, Sendable {
        /// The buffer ends before the value does.
        case truncated(neededBytes: Int, availableBytes: Int)
        /// A length or count below zero where null is not allowed.
        case negativeLength(Int)
        /// Null where the version does not allow it.
        case unexpectedNull
        /// A length or count above its limit in `WireLimits`.
        case aboveLimit(found: Int, limit: Int)
        case invalidUTF8
        /// A variable-length integer of more than 5 (or, for 64 bits, 10) bytes.
        case varintTooLong
        /// Tagged fields must come in ascending order, each once (KIP-482).
        case tagsOutOfOrder(found: UInt32)
        /// A tagged field whose content is not as long as its length says.
        case tagLengthMismatch(declared: Int, read: Int)
        /// The message ended before the buffer did.
        case trailingBytes(Int)
        case unsupportedVersion(Int16)
        case invalidValue(Int)
    }

    public init(offset: Int, field: String, reason: Reason) {
        self.offset = offset
        self.field = field
        self.reason = reason
    }

    public var description: String { "byte \(offset), \(field): \(reason.sentence)" }
}

extension WireError.Reason {
    var sentence: String {
        switch self {
        case .truncated(let needed, let available): "expected \(needed) bytes, \(available) are left"
        case .negativeLength(let length): "expected a length, found \(length)"
        case .unexpectedNull: "null is not allowed in this version"
        case .aboveLimit(let found, let limit): "\(found) is above the limit of \(limit)"
        case .invalidUTF8: "expected UTF-8 text"
        case .varintTooLong: "a variable-length integer does not end"
        case .tagsOutOfOrder(let tag): "tagged field \(tag) is repeated or out of order"
        case .tagLengthMismatch(let declared, let read): "a tagged field declared \(declared) bytes and has \(read)"
        case .trailingBytes(let count): "\(count) bytes are left after the message"
        case .unsupportedVersion(let version): "version \(version) is not supported"
        case .invalidValue(let value): "the value \(value) is not allowed"
        }
    }
}

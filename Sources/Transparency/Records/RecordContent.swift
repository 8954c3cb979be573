/// A record's content where it stands, uncompressed, as produced. Valid as long as the bytes that it points at.
public struct RecordContent {
    public typealias Header = (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?)

    public var key: UnsafeRawBufferPointer?
    public var value: UnsafeRawBufferPointer?
    /// In the producer's order.
    public var headers: [Header]

    public init(key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headers: [Header] = []) {
        self.key = key
        self.value = value
        self.headers = headers
    }

    /// Instead of a length: the field is null.
    private static let null: UInt32 = .max

    /// Bytes of `content`; nil where a length does not fit its field. Admission refuses such records.
    var encodedBytes: Int? {
        var total = 4
        func add(_ field: UnsafeRawBufferPointer?) { total += 4 + (field?.count ?? 0) }
        add(key)
        add(value)
        for header in headers {
            guard header.name.count <= TransparencyLimits.headerNameBytesMax else { return nil }
            total += 2 + header.name.count
            add(header.value)
        }
        return total < Int(Self.null) ? total : nil
    }

    /// Writes `content` (EVIDENCE.md):
    ///
    ///     content := blob(key) blob(value) u32 headerCount { u16 nameLength name blob(headerValue) }*
    ///     blob(x) := FFFFFFFF if null, else u32 length || bytes
    ///
    /// - Precondition: there is room for `encodedBytes`.
    func encode(into bytes: UnsafeMutableRawBufferPointer) {
        var position = 0
        func put(_ field: UnsafeRawBufferPointer) {
            guard let start = field.baseAddress, !field.isEmpty else { return }
            bytes.baseAddress?.advanced(by: position).copyMemory(from: start, byteCount: field.count)
            position += field.count
        }
        func blob(_ field: UnsafeRawBufferPointer?) {
            bytes.store(bigEndian: field.map { UInt32($0.count) } ?? Self.null, at: position)
            position += 4
            if let field { put(field) }
        }
        blob(key)
        blob(value)
        bytes.store(bigEndian: UInt32(headers.count), at: position)
        position += 4
        for header in headers {
            bytes.store(bigEndian: UInt16(header.name.count), at: position)
            position += 2
            put(header.name)
            blob(header.value)
        }
    }

    /// nil where `content` cannot be written, see `encodedBytes`.
    public var encoded: [UInt8]? {
        guard let count = encodedBytes else { return nil }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            encode(into: UnsafeMutableRawBufferPointer(buffer))
            initialized = count
        }
    }
}

/// What the entry holds of a content: H("record-commit/v1" || salt[16] || content). The salt keeps a short content, such as a hashed
/// national id, from being guessed.
public enum Commitment {
    public static let saltBytes = 16
    static let label = Array("record-commit/v1".utf8)
    static let prefixBytes = 32

    /// - Precondition: the salt has 16 bytes.
    public static func of(content: [UInt8], salt: [UInt8]) -> TreeHash {
        precondition(salt.count == saltBytes, "a salt has 16 bytes, not \(salt.count)")
        return TreeHashing.hash(of: label + salt + content)
    }
}

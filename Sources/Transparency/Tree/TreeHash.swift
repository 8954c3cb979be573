/// A SHA-256: of a leaf, a node, a record's commitment or a key. An array of them is their bytes one behind the other, as tiles are.
public struct TreeHash: Hashable, Sendable, CustomStringConvertible {
    /// The 32 bytes in memory order, whatever order the processor gives a word.
    private var words: (UInt64, UInt64, UInt64, UInt64)

    public static let sizeBytes = 32
    public static let zero = TreeHash(words: (0, 0, 0, 0))

    private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// - Precondition: there are 32 bytes.
    public init(reading bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == Self.sizeBytes, "a hash has 32 bytes, not \(bytes.count)")
        words = bytes.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
    }

    /// - Returns: nil unless there are 32 bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.sizeBytes else { return nil }
        self = Array(bytes).withUnsafeBytes { TreeHash(reading: $0) }
    }

    /// - Returns: nil unless the text is 64 lower-case hexadecimal digits: what `description` writes.
    public init?(hex: String) {
        let digits = Array("0123456789abcdef".utf8)
        let values = hex.utf8.compactMap { digits.firstIndex(of: $0) }
        guard hex.utf8.count == 2 * Self.sizeBytes, values.count == 2 * Self.sizeBytes else { return nil }
        self.init(bytes: stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) })
    }

    /// The hash that the base64 text is.
    init(base64 text: ArraySlice<UInt8>) throws(FormatFault) {
        guard let bytes = Base64.decode(text) else { throw FormatFault(.malformedBase64, at: text.startIndex) }
        guard let hash = TreeHash(bytes: bytes) else { throw FormatFault(.wrongHashLength, at: text.startIndex) }
        self = hash
    }

    /// Hashes read from their bytes. What is left over of a last one is not read.
    public static func array(reading bytes: UnsafeRawBufferPointer) -> [TreeHash] {
        let count = bytes.count / sizeBytes
        // An array without room is the one empty array that all threads share, and its count would be written.
        guard count > 0 else { return [] }
        return [TreeHash](unsafeUninitializedCapacity: count) { hashes, initialized in
            UnsafeMutableRawBufferPointer(hashes).copyMemory(from: bytes.part(0..<count * sizeBytes))
            initialized = count
        }
    }

    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try Swift.withUnsafeBytes(of: words, body)
    }

    public static func == (left: TreeHash, right: TreeHash) -> Bool { left.words == right.words }

    public func hash(into hasher: inout Hasher) { withUnsafeBytes { hasher.combine(bytes: $0) } }

    /// In hex.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// The compression of a record batch, by its number in the batch's attributes.
public enum Codec: UInt8, CaseIterable, Hashable, Sendable {
    case none = 0
    case gzip = 1
    case snappy = 2
    case lz4 = 3
    /// KIP-110; Produce 7 and Fetch 10 are the first versions to carry it.
    case zstd = 4
}

/// Why compressed bytes could not be turned back.
public enum InflateError: Error, Hashable, Sendable {
    /// The bytes are not what the codec makes: damaged, truncated or followed by others.
    case malformed(Codec)
    /// More would come out than the caller allows. Nothing beyond the limit was held in memory.
    case aboveLimit(bytesMax: Int)
    case outOfMemory
}

/// The compression of a record batch, by its number in the batch's attributes.
public enum Codec: UInt8, CaseIterable, Hashable, Sendable {
    case none = 0
    case gzip = 1
    case snappy = 2
    case lz4 = 3
    /// KIP-110.
    case zstd = 4
}

/// Bounds on what one message may make the decoder hold. A frame's size is bounded by the listener before it is read;
/// these bound what a frame within that size can blow up to.
public struct WireLimits: Hashable, Sendable {
    /// Array elements in one message, nested ones included. An element costs at least one byte on the wire but up to some
    /// 200 bytes in memory.
    public var elementsMax: Int
    /// Bytes of UTF-8 of one string; the old encoding has no room for more either.
    public var stringBytesMax: Int
    /// Tagged fields of one structure, known and unknown (KIP-482). Clients send at most a handful.
    public var tagsMax: Int

    public init(elementsMax: Int, stringBytesMax: Int, tagsMax: Int) {
        self.elementsMax = elementsMax
        self.stringBytesMax = stringBytesMax
        self.tagsMax = tagsMax
    }

    /// For requests: a consumer of 100,000 partitions fits, 20 MB of memory is the worst case.
    public static let requests = WireLimits(elementsMax: 100_000, stringBytesMax: 32_767, tagsMax: 32)

    /// For responses of a broker that the reader chose to trust with its memory.
    public static let responses = WireLimits(elementsMax: 2_000_000, stringBytesMax: 32_767, tagsMax: 32)
}

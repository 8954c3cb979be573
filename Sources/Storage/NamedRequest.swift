/// A request that carries a name of its own, so that it is done once however often it is sent.
public struct NamedRequest: Hashable, Sendable {
    /// `agency/unit/node`: each has its own names.
    public let node: String
    public let key: String
    /// Of everything that was asked: another request of the same name is told from a repeat.
    public let fingerprint: Digest256
    /// ms since 1970
    public let beganAt: Int64
    /// Its answer is known, and is what `content` holds.
    public var isAnswered: Bool
    /// The broker's own; opaque to the store.
    public var content: [UInt8]

    public init(node: String, key: String, fingerprint: Digest256, beganAt: Int64, isAnswered: Bool, content: [UInt8]) {
        self.node = node
        self.key = key
        self.fingerprint = fingerprint
        self.beganAt = beganAt
        self.isAnswered = isAnswered
        self.content = content
    }
}

/// How many of them are kept; beyond it the oldest is forgotten.
public struct NamedRequestLimits: Hashable, Sendable {
    public var countPerNodeMax: Int
    public var countMax: Int
    /// Bytes of `content`.
    public var bytesPerNodeMax: Int
    public var bytesMax: Int
    /// Those that began before are forgotten too, ms since 1970.
    public var beganAtLeast: Int64

    public init(countPerNodeMax: Int, countMax: Int, bytesPerNodeMax: Int, bytesMax: Int, beganAtLeast: Int64) {
        self.countPerNodeMax = countPerNodeMax
        self.countMax = countMax
        self.bytesPerNodeMax = bytesPerNodeMax
        self.bytesMax = bytesMax
        self.beganAtLeast = beganAtLeast
    }
}

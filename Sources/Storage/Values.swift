public import KafkaWire

/// A position in a partition, and the index of its leaf in the evidence tree. Dense from 0.
public struct Offset: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int64
    public init(rawValue: Int64) { self.rawValue = rawValue }
    public init(_ value: Int64) { self.rawValue = value }

    public static let zero = Offset(0)
    public static func < (left: Offset, right: Offset) -> Bool { left.rawValue < right.rawValue }
    public func advanced(by count: Int64) -> Offset { Offset(rawValue + count) }
    public var description: String { String(rawValue) }
}

/// A partition of one incarnation of a topic: the UUID makes a deleted and re-created topic a different log.
public struct PartitionID: Hashable, Sendable, CustomStringConvertible {
    public let topic: UUID128
    public let partition: Int32

    public init(topic: UUID128, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    public var description: String { "\(topic)-\(partition)" }
}

/// A SHA-256 digest: the writer's key hash, a certificate's fingerprint.
public struct Digest256: Hashable, Sendable {
    public let words: (UInt64, UInt64, UInt64, UInt64)

    /// 32 bytes, big-endian words.
    public init(_ words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Zeros: the broker itself as a writer (EVIDENCE.md, the entry's `writer`).
    public static let zero = Digest256((0, 0, 0, 0))

    public static func == (left: Digest256, right: Digest256) -> Bool { left.words == right.words }
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }

    /// - Returns: nil unless `bytes` has exactly 32 elements.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var values: [UInt64] = [0, 0, 0, 0]
        for (index, byte) in bytes.enumerated() { values[index / 8] = values[index / 8] << 8 | UInt64(byte) }
        self.words = (values[0], values[1], values[2], values[3])
    }

    public var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64($0))) } }
    }
}

/// What is known of every record's schema in a batch: most batches have one schema, or none.
public enum SchemaIDs: Hashable, Sendable {
    case none
    case uniform(Int32)
    /// One id a record, in order; -1 for a record without one.
    case each([Int32])
}

/// The evidence settings of the moment a batch was admitted; part of the frame (EVIDENCE.md), never looked up again later.
public struct EvidenceSettings: Hashable, Sendable {
    /// `hanbridge.evidence=record`: salts are stored and the records become leaves.
    public let recordsLeaves: Bool
    /// The topic hides content lengths in its entries.
    public let hidesLengths: Bool

    public init(recordsLeaves: Bool, hidesLengths: Bool) {
        self.recordsLeaves = recordsLeaves
        self.hidesLengths = hidesLengths
    }
}

import CDigest

/// SHA-256, and the two ways in which RFC 6962, section 2.1, uses it: a leaf is H(00 || entry), a node H(01 || left || right), the root
/// of nothing H("").
public enum TreeHashing {
    static let leafPrefix: UInt8 = 0
    static let nodePrefix: UInt8 = 1

    public static let emptyRoot = hash(of: [])

    public static func hash(of bytes: UnsafeRawBufferPointer) -> TreeHash {
        var message = hb_message(bytes: bytes.baseAddress, count: bytes.count)
        return digests(1) { hb_sha256_many(&message, 1, $0) }[0]
    }

    public static func hash(of bytes: [UInt8]) -> TreeHash { bytes.withUnsafeBytes { hash(of: $0) } }

    /// Of an entry of any length.
    public static func leaf(of entry: [UInt8]) -> TreeHash { hash(of: [leafPrefix] + entry) }

    public static func node(_ left: TreeHash, _ right: TreeHash) -> TreeHash { nodes([left, right])[0] }

    /// The parents of hashes two by two, many at once.
    /// - Precondition: their number is even.
    static func nodes(_ children: [TreeHash]) -> [TreeHash] {
        precondition(children.count.isMultiple(of: 2), "\(children.count) hashes are not pairs")
        return children.withUnsafeBytes { bytes in
            digests(children.count / 2) {
                hb_sha256_prefixed(nodePrefix, bytes.baseAddress, 2 * TreeHash.sizeBytes, children.count / 2, $0)
            }
        }
    }

    /// The leaves of entries that are one behind the other, many at once.
    /// - Precondition: `entries` is a multiple of 104 bytes.
    public static func leaves(of entries: UnsafeRawBufferPointer) -> [TreeHash] {
        precondition(entries.count.isMultiple(of: Entry.sizeBytes), "\(entries.count) bytes are not whole entries")
        let count = entries.count / Entry.sizeBytes
        return digests(count) { hb_sha256_prefixed(leafPrefix, entries.baseAddress, Entry.sizeBytes, count, $0) }
    }

    /// The digests of messages, many at once.
    static func hashes(of messages: [hb_message]) -> [TreeHash] {
        digests(messages.count) { hb_sha256_many(messages, messages.count, $0) }
    }

    private static func digests(_ count: Int, _ compute: (UnsafeMutablePointer<UInt8>?) -> Void) -> [TreeHash] {
        // An array without room is the one empty array that all threads share, and its count would be written.
        guard count > 0 else { return [] }
        return [TreeHash](unsafeUninitializedCapacity: count) { hashes, initialized in
            compute(UnsafeMutableRawBufferPointer(hashes).baseAddress?.assumingMemoryBound(to: UInt8.self))
            initialized = count
        }
    }
}

/// Texts from a schema, each once, found by their bytes: property names and codes. Flat: three arrays, and open addressing.
struct NameTable: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Where each name begins in `bytes`, and where the last one ends.
    private(set) var starts: [Int32] = [0]
    private var found: [[UInt8]: Int32] = [:]

    var count: Int { starts.count - 1 }

    mutating func index(of name: [UInt8]) -> Int32 {
        if let known = found[name] { return known }
        let index = Int32(count)
        bytes += name
        starts.append(Int32(bytes.count))
        found[name] = index
        return index
    }

    /// Forgets what only adding needs.
    mutating func seal() { found = [:] }

    func range(_ index: Int32) -> Range<Int> { Int(starts[Int(index)])..<Int(starts[Int(index) + 1]) }
    func text(_ index: Int32) -> String { String(decoding: bytes[range(index)], as: UTF8.self) }
}

/// A set of names with an index for each: which property, which code. Open addressing over slots that are at most half full; the
/// hash is seeded by the process, so that no schema can be written to make it slow.
struct NameMap: Sendable {
    /// Positions in `entries`, -1 where empty; a power of two.
    private var slots: [Int32]
    let entries: [Entry]

    struct Entry: Sendable {
        let name: Int32
        let value: Int32
    }

    /// - Parameter entries: no name twice.
    init(_ entries: [Entry], _ names: NameTable) {
        self.entries = entries
        var size = 4
        while size < entries.count * 2 { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
        for (position, entry) in entries.enumerated() {
            var slot = names.bytes[names.range(entry.name)].withUnsafeBytes { NameHash.hash($0) } & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(position)
        }
    }

    var count: Int { entries.count }

    /// The value that belongs to `name`.
    func find(_ name: UnsafeRawBufferPointer, _ names: NameTable) -> Int32? {
        let mask = slots.count - 1
        var slot = NameHash.hash(name) & mask
        while slots[slot] >= 0 {
            let entry = entries[Int(slots[slot])]
            let isEqual = names.bytes.withUnsafeBytes { JSONBytes.isEqual(UnsafeRawBufferPointer(rebasing: $0[names.range(entry.name)]), name) }
            if isEqual { return entry.value }
            slot = (slot + 1) & mask
        }
        return nil
    }
}

/// A fast hash of short texts: words of eight bytes, multiplied and folded to 128 bits (as wyhash does), under a seed of the process.
enum NameHash {
    private static let seed = UInt64.random(in: .min ... .max) | 1

    @inline(__always) static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
        hash(bytes, seed: seed)
    }

    @inline(__always) static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> Int {
        let count = bytes.count
        var state = seed ^ UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
        var offset = 0
        while count - offset > 8 {
            state = fold(state ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        if count >= 8 {
            state = fold(state ^ bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
        } else {
            var word: UInt64 = 0
            if count >= 4 {
                word = UInt64(bytes.loadUnaligned(as: UInt32.self)) << 32
                    | UInt64(bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
            } else if count > 0 {
                word = UInt64(bytes[0]) << 16 | UInt64(bytes[count >> 1]) << 8 | UInt64(bytes[count - 1])
            }
            state = fold(state ^ word)
        }
        return Int(truncatingIfNeeded: state & UInt64(Int.max))
    }

    @inline(__always) private static func fold(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return product.high ^ product.low
    }
}

/// A code list as a hash table over bytes, so that looking a value up makes no string of it.
struct WireCodeTable: Sendable {
    let name: CodeListName
    private let isUnknown: Bool
    private var bytes: [UInt8] = []
    /// Where each code begins in `bytes`, and where the last one ends.
    private var starts: [Int32] = [0]
    /// Open addressing: the index of a code plus one, 0 for a free slot. Twice as many as codes at least.
    private var slots: [Int32]
    private let mask: UInt64

    init(_ list: CodeList, name: CodeListName) {
        self.name = name
        isUnknown = list.isUnknown
        var size = 16
        while size < list.codes.count * 2 { size *= 2 }
        slots = Array(repeating: 0, count: size)
        mask = UInt64(size - 1)
        for code in list.codes {
            bytes += Array(code.utf8)
            starts.append(Int32(bytes.count))
        }
        bytes.withUnsafeBytes { all in
            for index in 0..<list.codes.count {
                let code = UnsafeRawBufferPointer(rebasing: all[Int(starts[index])..<Int(starts[index + 1])])
                var slot = Self.hash(code) & mask
                while slots[Int(slot)] != 0 { slot = (slot + 1) & mask }
                slots[Int(slot)] = Int32(index + 1)
            }
        }
    }

    func contains(_ value: UnsafeRawBufferPointer) -> Bool {
        if isUnknown { return true }
        var slot = Self.hash(value) & mask
        while slots[Int(slot)] != 0 {
            let index = Int(slots[Int(slot)] - 1)
            let range = Int(starts[index])..<Int(starts[index + 1])
            if range.count == value.count, bytes.withUnsafeBytes({ $0[range].elementsEqual(value) }) { return true }
            slot = (slot + 1) & mask
        }
        return false
    }

    /// FNV-1a. The codes are the registry's own, so nobody can aim at its collisions for longer than one list.
    private static func hash(_ value: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in value { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash ^ hash >> 32
    }
}

/// A set of texts, such as a code list: open addressing over slots of which at most half are taken.
struct FastTextSet {
    private struct Slot {
        var start: Int32 = 0
        /// -1 where the slot is empty.
        var count: Int32 = -1
    }

    private let slots: UnsafeMutablePointer<Slot>
    private let mask: Int
    private let bytes: UnsafeMutablePointer<UInt8>

    /// The owner calls `deallocate` once.
    init(_ map: NameMap, _ names: NameTable) {
        var size = 4
        while size < map.count * 2 { size *= 2 }
        var slots = [Slot](repeating: Slot(), count: size)
        var bytes: [UInt8] = []
        for entry in map.entries {
            let name = names.bytes[names.range(entry.name)]
            var slot = name.withUnsafeBytes { NameHash.hash($0) } & (size - 1)
            while slots[slot].count >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Slot(start: Int32(bytes.count), count: Int32(name.count))
            bytes += name
        }
        mask = size - 1
        self.slots = FastProgram.copy(slots)
        self.bytes = FastProgram.copy(bytes)
    }

    func deallocate() {
        slots.deallocate()
        bytes.deallocate()
    }

    @inline(__always) func contains(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let first = text.baseAddress else { return false }
        var slot = NameHash.hash(text) & mask
        while slots[slot].count >= 0 {
            if Int(slots[slot].count) == text.count, JSONBytes.isEqual(first, UnsafeRawPointer(bytes + Int(slots[slot].start)), text.count) { return true }
            slot = (slot + 1) & mask
        }
        return false
    }
}

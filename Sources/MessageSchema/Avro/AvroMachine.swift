/// Runs the instructions of a schema over the bytes of a payload (Avro 1.12, "Binary Encoding").
///
/// Bounded: `place` stays within the payload, every load follows a comparison with `end`, and time is linear in the bytes and in the
/// instructions, because an array whose items have no bytes is not walked. The buffers must outlive the machine.
struct AvroMachine<Observer: AvroObserver> {
    private let instructions: UnsafeBufferPointer<AvroInstruction>
    private let tables: UnsafeBufferPointer<Int32>
    private let code: AvroCode
    private let end: UnsafePointer<UInt8>
    /// Where the routine that was called last stopped.
    private var place: UnsafePointer<UInt8>
    private(set) var observer: Observer

    /// - Parameters:
    ///   - instructions: those of `code`, and its `tables`, where they stay while this runs.
    init(
        _ code: AvroCode, instructions: UnsafeBufferPointer<AvroInstruction>, tables: UnsafeBufferPointer<Int32>,
        payload: UnsafeBufferPointer<UInt8>, observer: Observer
    ) {
        self.code = code
        self.instructions = instructions
        self.tables = tables
        // An empty payload may have no address. Any will do: it is compared with `end` and never loaded from.
        self.place = payload.baseAddress ?? Self.nowhere
        self.end = place + payload.count
        self.observer = observer
    }

    private static var nowhere: UnsafePointer<UInt8> { UnsafePointer(StaticString("-").utf8Start) }

    /// - Returns: whether the payload is valid, to its last byte. With an observer that goes on, whether it could be read.
    mutating func run() -> Bool {
        guard run(from: 0, items: 1, first: 0, depth: 0) else { return false }
        return place == end || observer.found(.trailingBytes, at: code.payloadEnd)
    }

    /// Reads the items of one block, the entries of one, or one record: the code from `start` to its `end`.
    /// - Parameters:
    ///   - items: how often, from 1.
    ///   - first: the number of the first item.
    ///   - depth: records, arrays and maps around it.
    private mutating func run(from start: Int, items: Int, first: Int, depth: Int) -> Bool {
        var place = self.place
        let end = self.end
        var remaining = items
        var index = start
        observer.item(first)
        while true {
            let instruction = instructions[index]
            switch instruction.operation {
            case .boolean:
                guard place < end else { return fails(.truncated, index) }
                if place.pointee > 1 { guard observer.found(.boolean, at: index) else { return false } }
                place += 1

            case .int:
                guard place < end else { return fails(.truncated, index) }
                if place.pointee < 0x80 {
                    place += 1
                } else {
                    guard let value = AvroNumber.int(&place, end) else { return fails(AvroNumber.fault(place, end), index) }
                    if value > UInt32.max { guard observer.found(.range, at: index) else { return false } }
                }

            case .long:
                guard AvroNumber.long(&place, end) != nil else { return fails(AvroNumber.fault(place, end), index) }

            case .timeMillis:
                guard let value = AvroNumber.int(&place, end) else { return fails(AvroNumber.fault(place, end), index) }
                if !(0..<86_400_000).contains(AvroNumber.signed(value)) { guard observer.found(.timeMillis, at: index) else { return false } }

            case .timeMicros:
                guard let value = AvroNumber.long(&place, end) else { return fails(AvroNumber.fault(place, end), index) }
                if !(0..<86_400_000_000).contains(AvroNumber.signed(value)) { guard observer.found(.timeMicros, at: index) else { return false } }

            case .float:
                guard end - place >= 4 else { return fails(.truncated, index) }
                place += 4

            case .double:
                guard end - place >= 8 else { return fails(.truncated, index) }
                place += 8

            case .fixed:
                guard end - place >= Int(instruction.operand) else { return fails(.truncated, index) }
                place += Int(instruction.operand)

            case .decimalFixed:
                guard end - place >= Int(instruction.target) else { return fails(.truncated, index) }
                let value = UnsafeRawBufferPointer(start: place, count: Int(instruction.target))
                if !code.bounds[Int(instruction.operand)].contains(value) { guard observer.found(.decimal, at: index) else { return false } }
                place += Int(instruction.target)

            case .bytes:
                guard let count = AvroNumber.length(&place, end) else { return fails(AvroNumber.lengthFault(place, end), index) }
                place += count

            case .decimalBytes:
                guard let count = AvroNumber.length(&place, end) else { return fails(AvroNumber.lengthFault(place, end), index) }
                let value = UnsafeRawBufferPointer(start: place, count: count)
                if !code.bounds[Int(instruction.operand)].contains(value) { guard observer.found(.decimal, at: index) else { return false } }
                place += count

            case .string:
                guard let count = AvroNumber.length(&place, end) else { return fails(AvroNumber.lengthFault(place, end), index) }
                if !AvroText.isUTF8(place, count) { guard observer.found(.utf8, at: index) else { return false } }
                place += count

            case .uuid:
                guard let count = AvroNumber.length(&place, end) else { return fails(AvroNumber.lengthFault(place, end), index) }
                if !AvroText.isUUID(place, count) {
                    guard observer.found(AvroText.isUTF8(place, count) ? .uuid : .utf8, at: index) else { return false }
                }
                place += count

            case .stringCode:
                guard let count = AvroNumber.length(&place, end) else { return fails(AvroNumber.lengthFault(place, end), index) }
                let text = UnsafeRawBufferPointer(start: place, count: count)
                let isCode = code.codeLists[Int(instruction.operand)].find(text, code.codes) != nil
                if !isCode { guard observer.found(AvroText.isUTF8(place, count) ? .code : .utf8, at: index) else { return false } }
                place += count

            case .key:
                guard let count = AvroNumber.length(&place, end) else { return fails(AvroNumber.lengthFault(place, end), index) }
                if AvroText.isUTF8(place, count) {
                    observer.key(UnsafeRawBufferPointer(start: place, count: count))
                } else {
                    guard observer.found(.utf8, at: index) else { return false }
                }
                place += count

            case .enumeration, .enumerationCode:
                guard let raw = AvroNumber.int(&place, end) else { return fails(AvroNumber.fault(place, end), index) }
                let symbol = AvroNumber.signed(raw)
                if symbol < 0 || symbol >= Int64(instruction.operand) {
                    guard observer.found(.symbol, at: index) else { return false }
                } else if instruction.operation == .enumerationCode, tables[Int(instruction.target) + Int(symbol)] == 0 {
                    guard observer.found(.code, at: index) else { return false }
                }

            case .optional:
                guard let raw = AvroNumber.int(&place, end) else { return fails(AvroNumber.fault(place, end), index) }
                // 0 and 2 are the indices 0 and 1.
                guard raw == 0 || raw == 2 else { return fails(.branch, index) }
                if raw == UInt64(instruction.operand) << 1 {
                    index = Int(instruction.target)
                    continue
                }

            case .union:
                guard let raw = AvroNumber.int(&place, end) else { return fails(AvroNumber.fault(place, end), index) }
                let branch = AvroNumber.signed(raw)
                guard branch >= 0, branch < Int64(instruction.target) else { return fails(.branch, index) }
                index = Int(tables[Int(instruction.operand) + Int(branch)])
                continue

            case .jump:
                index = Int(instruction.target)
                continue

            case .array, .map:
                self.place = place
                guard depth < SchemaLimits.depthMax else { return fails(.depth, index) }
                guard readBlocks(at: index, depth: depth + 1) else { return false }
                place = self.place
                index = Int(instruction.target)
                continue

            case .record:
                self.place = place
                guard depth < SchemaLimits.depthMax else { return fails(.depth, index) }
                observer.entered(index)
                guard run(from: Int(instruction.target), items: 1, first: 0, depth: depth + 1) else { return false }
                observer.left()
                place = self.place

            case .end:
                remaining -= 1
                guard remaining > 0 else {
                    self.place = place
                    return true
                }
                index = start
                observer.item(first + items - remaining)
                continue
            }
            index += 1
        }
    }

    /// An array or a map: blocks of items until one has none.
    private mutating func readBlocks(at index: Int, depth: Int) -> Bool {
        let itemsHaveBytes = instructions[index].operand == 0
        var number = 0
        while true {
            guard let raw = AvroNumber.long(&place, end) else { return fails(AvroNumber.fault(place, end), index) }
            var count = AvroNumber.signed(raw)
            if count == 0 { return true }
            var blockEnd: UnsafePointer<UInt8>?
            if count < 0 {
                guard count != .min, let raw = AvroNumber.long(&place, end) else { return fails(.blockCount, index) }
                let size = AvroNumber.signed(raw)
                guard size >= 0 else { return fails(.blockCount, index) }
                guard size <= end - place else { return fails(.truncated, index) }
                blockEnd = place + Int(size)
                count = -count
            }
            if !itemsHaveBytes {
                guard count <= Int64(SchemaLimits.avroEmptyItemsMax - number) else { return fails(.emptyItems, index) }
                number += Int(count)
            } else {
                guard count <= end - place else { return fails(.truncated, index) }
                observer.entered(index)
                guard run(from: index + 1, items: Int(count), first: number, depth: depth) else { return false }
                observer.left()
                number += Int(count)
            }
            guard blockEnd == nil || blockEnd == place else { return fails(.blockSize, index) }
        }
    }

    /// A fault after which nothing more can be read.
    private mutating func fails(_ fault: AvroFault, _ index: Int) -> Bool {
        _ = observer.found(fault, at: index)
        return false
    }
}

/// The values that one field of a shown record has.
struct RowCondition: Sendable {
    let values: [String]
    private let names: NameTable
    private let found: NameMap
    /// Values that are JSON numbers, parsed: 10 is 10.0.
    private let numbers: [[UInt8]]

    init(_ values: [String]) {
        self.values = values
        var names = NameTable()
        let entries = Set(values).sorted().map { NameMap.Entry(name: names.index(of: Array($0.utf8)), value: 0) }
        found = NameMap(entries, names)
        names.seal()
        self.names = names
        numbers = values.map { Array($0.utf8) }.filter { text in
            text.withUnsafeBytes { bytes in
                guard var cursor = JSONCursor(bytes) else { return false }
                var number = JSONCursor.Number()
                return cursor.scanNumber(&number) && cursor.at == cursor.end
            }
        }
    }

    static func objection(to values: [String]) -> String? {
        if values.isEmpty { return "`where` names at least one value; without one no record is shown" }
        if values.count > FieldRules.Limits.valuesMax { return "a field in `where` has at most \(FieldRules.Limits.valuesMax) values" }
        if values.contains(where: { $0.utf8.count > FieldRules.Limits.valueBytesMax }) {
            return "a value in `where` has at most \(FieldRules.Limits.valueBytesMax) bytes"
        }
        return nil
    }

    func holds(text: UnsafeRawBufferPointer) -> Bool { found.find(text, names) != nil }

    /// Numbers are equal by what they are, not by how they are written.
    func holds(number: UnsafeRawBufferPointer) -> Bool {
        if holds(text: number) { return true }
        let number = JSONNumber(number)
        return numbers.contains { value in value.withUnsafeBytes { number.compared(to: JSONNumber($0)) == 0 } }
    }

    func holds(integer: Int64) -> Bool {
        DecimalText.with(integer.magnitude, isNegative: integer < 0) { holds(text: $0) }
    }

    func holds(unsigned: UInt64) -> Bool {
        DecimalText.with(unsigned, isNegative: false) { holds(text: $0) }
    }

    func holds(boolean: Bool) -> Bool {
        let word: StaticString = boolean ? "true" : "false"
        return holds(text: UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }
}

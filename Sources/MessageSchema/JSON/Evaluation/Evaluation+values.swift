extension Evaluation {
    func type(of item: Int) -> JSONTypeSet {
        switch view.kind(item) {
        case .null: .null
        case .no, .yes: .boolean
        case .number: view.number(item).isInteger ? .integer : .fraction
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    mutating func applyToAny(_ check: SchemaCheck, _ item: Int) -> Bool {
        switch check {
        case .never:
            return fail("false") { _ in "the schema allows nothing here" }
        case .type(let types):
            return types.contains(type(of: item)) || fail("type") { _ in "must be \(types.phrase)" }
        case .constant(let constant):
            return isEqual(item, constant) || fail("const") { "must be \($0.show([constant]))" }
        case .enumeration(let enumeration):
            let values = code.enumerations[Int(enumeration)].values
            return isAmong(item, values) || fail("enum") { "must be one of \($0.show(values.map(\.constant).sorted()))" }
        default: preconditionFailure("Evaluation.apply hands out only these")
        }
    }

    private mutating func isEqual(_ item: Int, _ constant: Int32) -> Bool {
        spend(Int(view.items[item].next) - item) && JSONEquality.isEqual(view, item, constants, Int(code.constantItems[Int(constant)]))
    }

    private mutating func isAmong(_ item: Int, _ values: [(hash: Int, constant: Int32)]) -> Bool {
        if values.count <= 4 {
            for value in values where isEqual(item, value.constant) { return true }
            return false
        }
        guard spend(view.next(item) - item) else { return false }
        let hash = JSONEquality.hash(view, item)
        var low = 0
        var high = values.count
        while low < high {
            let middle = (low + high) / 2
            if values[middle].hash < hash { low = middle + 1 } else { high = middle }
        }
        while low < values.count, values[low].hash == hash {
            if isEqual(item, values[low].constant) { return true }
            low += 1
        }
        return false
    }

    /// Values of the schema, the first of many.
    private func show(_ values: [Int32]) -> String {
        let shown = values.prefix(8).map { value in
            let text = String(decoding: JSONWriter.text(constants, Int(code.constantItems[Int(value)])), as: UTF8.self)
            return text.unicodeScalars.count > 60 ? String(text.prefix(60)) + "…" : text
        }
        return shown.joined(separator: ", ") + (values.count > shown.count ? ", … (\(values.count) values)" : "")
    }

    mutating func applyToNumber(_ check: SchemaCheck, _ item: Int) -> Bool {
        let number = view.number(item)
        switch check {
        case .minimum(let bound):
            return compare(number, bound) >= 0 || fail("minimum") { "must be at least \($0.show([bound]))" }
        case .maximum(let bound):
            return compare(number, bound) <= 0 || fail("maximum") { "must be at most \($0.show([bound]))" }
        case .exclusiveMinimum(let bound):
            return compare(number, bound) > 0 || fail("exclusiveMinimum") { "must be greater than \($0.show([bound]))" }
        case .exclusiveMaximum(let bound):
            return compare(number, bound) < 0 || fail("exclusiveMaximum") { "must be less than \($0.show([bound]))" }
        case .multipleOf(let divisor, let constant):
            return number.isMultiple(of: code.divisors[Int(divisor)]) || fail("multipleOf") { "must be a multiple of \($0.show([constant]))" }
        default: preconditionFailure("Evaluation.apply hands out only these")
        }
    }

    private func compare(_ number: JSONNumber, _ bound: Int32) -> Int {
        number.compared(to: constants.number(Int(code.constantItems[Int(bound)])))
    }

    mutating func applyToString(_ check: SchemaCheck, _ item: Int) -> Bool {
        let bytes = view.bytes(item)
        switch check {
        case .minLength(let least):
            return bytes.count >= least && scalars(bytes) >= least
                || fail("minLength") { _ in least == 1 ? "must have at least 1 character" : "must have at least \(least) characters" }
        case .maxLength(let most):
            return bytes.count <= most || scalars(bytes) <= most
                || fail("maxLength") { _ in most == 1 ? "must have at most 1 character" : "must have at most \(most) characters" }
        case .pattern(let pattern):
            switch search(pattern, bytes) {
            case .found: return true
            case .absent, nil: return fail("pattern") { "must match the pattern \($0.code.patternTexts[Int(pattern)].prefix(200))" }
            case .tooManySteps: return giveUp("matching a pattern takes too many steps")
            }
        case .format(let format):
            return format.matches(bytes)
                || fail("format") { _ in
                    guard let example = format.example else { return "must be in the form `\(format.rawValue)`" }
                    return "must be in the form `\(format.rawValue)`, such as \(example)"
                }
        case .codeList(let list):
            let (name, codes) = code.codeLists[Int(list)]
            return codes.find(bytes, code.names) != nil || fail("x-codelist") { _ in "must be one of the \(codes.count) codes of \(name)" }
        default: preconditionFailure("Evaluation.apply hands out only these")
        }
    }

    /// - Returns: nil where the evaluation is over.
    mutating func search(_ pattern: Int32, _ bytes: UnsafeRawBufferPointer) -> PatternVerdict? {
        guard spend(1 + bytes.count / 64) else { return nil }
        return code.patterns[Int(pattern)].search(in: bytes)
    }

    private func scalars(_ bytes: UnsafeRawBufferPointer) -> Int {
        var count = 0
        for byte in bytes where byte & 0xC0 != 0x80 { count += 1 }
        return count
    }
}

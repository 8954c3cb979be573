/// Holds linked files to the rules of the language that concern numbers, labels and kinds.
struct ProtoChecker {
    let schema: ProtoSchema
    let symbols: ProtoSymbols

    func error(_ file: Int, _ position: ProtoPosition, _ message: String) -> SchemaError {
        position.error(in: schema.files[file].name, message)
    }

    func checkAll() throws(SchemaError) {
        for (index, file) in schema.files.enumerated() {
            for message in file.messages { try check(message, fullName: ProtoSchema.join(file.package, message.name), file: index) }
            for field in file.extensions { try check(extension: field, file: index) }
        }
        try checkExtensionNumbers()
    }

    private func check(_ message: ProtoMessage, fullName: String, file: Int) throws(SchemaError) {
        try checkRanges(of: message, file: file)
        try checkNumbers(of: message, fullName: fullName, file: file)
        let entries = Set(message.messages.filter(\.isMapEntry).map(\.name))
        for field in message.fields { try check(field, in: message, entries: entries, file: file) }
        let used = Set(message.fields.compactMap(\.oneof))
        for (index, oneof) in message.oneofs.enumerated() where !used.contains(index) {
            throw error(file, oneof.position, "oneof \(oneof.name) has no field; give it one or take it out")
        }
        try checkJSONNames(of: message, file: file)
        for field in message.extensions { try check(extension: field, file: file) }
        for nested in message.messages { try check(nested, fullName: ProtoSchema.join(fullName, nested.name), file: file) }
    }

    // MARK: - Numbers

    private func checkNumbers(of message: ProtoMessage, fullName: String, file: Int) throws(SchemaError) {
        var taken: [Int32: String] = [:]
        let reserved = ProtoRangeSet(message.reservedRanges)
        let extensible = ProtoRangeSet(message.extensionRanges)
        let names = Set(message.reservedNames.map(\.text))
        for field in message.fields {
            try checkNumber(of: field, file: file)
            if let other = taken.updateValue(field.name, forKey: field.number) {
                throw error(file, field.numberPosition, "number \(field.number) is already the number of field \(other) of \(fullName)")
            }
            if reserved.contains(field.number) {
                throw error(file, field.numberPosition, "number \(field.number) of field \(field.name) is reserved in \(fullName)")
            }
            if extensible.contains(field.number) {
                throw error(file, field.numberPosition, "number \(field.number) of field \(field.name) is set apart for extensions of \(fullName)")
            }
            if names.contains(field.name) { throw error(file, field.position, "the name \(field.name) is reserved in \(fullName)") }
        }
    }

    private func checkNumber(of field: ProtoField, file: Int) throws(SchemaError) {
        guard field.number >= 1, field.number <= ProtoLimits.fieldNumberMax else {
            throw error(file, field.numberPosition, "field numbers go from 1 to \(ProtoLimits.fieldNumberMax)")
        }
        guard !ProtoLimits.fieldNumbersReserved.contains(field.number) else {
            throw error(file, field.numberPosition, "field numbers 19000 to 19999 belong to Protobuf itself")
        }
    }

    private func checkRanges(of message: ProtoMessage, file: Int) throws(SchemaError) {
        if let range = message.extensionRanges.first, schema.files[file].syntax == .proto3 {
            throw error(file, range.position, "proto3 has no extension ranges")
        }
        for range in message.extensionRanges + message.reservedRanges {
            guard range.first >= 1 else { throw error(file, range.position, "field numbers go from 1 to \(ProtoLimits.fieldNumberMax)") }
            guard range.last >= range.first else { throw error(file, range.position, "a range ends at its first number or after it") }
        }
        for range in message.extensionRanges where range.last > ProtoLimits.fieldNumberMax {
            throw error(file, range.position, "field numbers go from 1 to \(ProtoLimits.fieldNumberMax)")
        }
        if let range = ProtoRangeSet.firstOverlap(in: message.extensionRanges + message.reservedRanges) {
            throw error(file, range.position, "this range overlaps another reserved range or extension range of \(message.name)")
        }
        if let name = firstDuplicate(message.reservedNames) { throw error(file, name.position, "the name \(name.text) is reserved twice") }
    }

    func firstDuplicate(_ names: [ProtoName]) -> ProtoName? {
        var seen: Set<String> = []
        return names.first { !seen.insert($0.text).inserted }
    }

    // MARK: - Fields

    /// - Parameter entries: the names of the message's map entries.
    private func check(_ field: ProtoField, in message: ProtoMessage, entries: Set<String>, file: Int) throws(SchemaError) {
        try checkDefault(of: field, file: file)
        let isProto3 = schema.files[file].syntax == .proto3
        if let oneof = field.oneof {
            guard message.oneofs.indices.contains(oneof), field.label == .optional else {
                throw error(file, field.position, "a field of a oneof has no label")
            }
        }
        switch field.type {
        case .scalar, .named:
            break
        case .enumeration(let name):
            // A field without presence has the enum's first value where nothing was sent: only an open enum has a fit one.
            if isProto3, field.label == .optional, !field.isProto3Optional, field.oneof == nil, !message.isMapEntry, isClosed(name) {
                throw error(file, field.typePosition, "\(name) is an enum of proto2, which a plain field of proto3 cannot have; make the field optional")
            }
        case .group:
            if isProto3 { throw error(file, field.typePosition, "proto3 has no groups; use a message") }
        case .message(let name):
            guard let target = schema.messages[name] else { break }
            if target.element.isMapEntry { try checkMap(field, entry: target.element, entries: entries, file: file) }
        }
        if isProto3, field.label == .required { throw error(file, field.position, "proto3 has no required fields") }
    }

    func isClosed(_ enumeration: String) -> Bool {
        schema.enums[enumeration].map { schema.files[$0.file].syntax == .proto2 } ?? false
    }

    private func checkMap(_ field: ProtoField, entry: ProtoMessage, entries: Set<String>, file: Int) throws(SchemaError) {
        guard field.label == .repeated, entries.contains(entry.name), entry.fields.count == 2,
            entry.fields[0].name == "key", entry.fields[0].number == 1, entry.fields[1].name == "value", entry.fields[1].number == 2,
            entry.fields.allSatisfy({ $0.label == .optional })
        else { throw error(file, field.typePosition, "a map is declared as map<key, value>, not by its entry") }
        switch entry.fields[0].type {
        case .scalar(.float), .scalar(.double), .scalar(.bytes), .message, .group, .enumeration, .named:
            throw error(file, entry.fields[0].typePosition, "the key of a map is an integer, a bool or a string")
        case .scalar: break
        }
        if case .enumeration(let name) = entry.fields[1].type, schema.enums[name]?.element.values.first?.number != 0 {
            throw error(file, entry.fields[1].typePosition, "the first value of \(name) is not 0, so it cannot be the value of a map")
        }
    }

    func checkDefault(of field: ProtoField, file: Int) throws(SchemaError) {
        guard let value = field.defaultValue else { return }
        if schema.files[file].syntax == .proto3 { throw error(file, field.defaultPosition, "proto3 has no default values") }
        if field.label == .repeated { throw error(file, field.defaultPosition, "repeated fields have no default values") }
        switch field.type {
        case .enumeration(let name):
            guard schema.enums[name]?.element.values.contains(where: { $0.name == value }) == true else {
                throw error(file, field.defaultPosition, "\(name) has no value \(value)")
            }
        case .message, .group, .named:
            throw error(file, field.defaultPosition, "messages have no default values")
        case .scalar(let scalar):
            guard scalar.canBe(value) else { throw error(file, field.defaultPosition, "\(scalar.word) has no value like this default") }
        }
    }
}

extension ProtoScalar {
    /// Whether a descriptor's text of a default value fits.
    fileprivate func canBe(_ text: String) -> Bool {
        switch self {
        case .string, .bytes: true
        case .bool: text == "true" || text == "false"
        case .double, .float: text == "nan" || text == "inf" || text == "-inf" || Double(text) != nil
        case .int32, .sint32, .sfixed32: Int32(text) != nil
        case .uint32, .fixed32: UInt32(text) != nil
        case .int64, .sint64, .sfixed64: Int64(text) != nil
        case .uint64, .fixed64: UInt64(text) != nil
        }
    }
}

/// Many ranges that do not overlap, for quick search.
struct ProtoRangeSet {
    private let sorted: [ProtoRange]

    init(_ ranges: [ProtoRange]) { sorted = ranges.sorted { $0.first < $1.first } }

    func contains(_ number: Int32) -> Bool {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].last < number { low = middle + 1 } else { high = middle }
        }
        return low < sorted.count && sorted[low].first <= number
    }

    /// The later of the first two in the text's order of numbers that have a number in common.
    static func firstOverlap(in ranges: [ProtoRange]) -> ProtoRange? {
        let sorted = ranges.sorted { $0.first < $1.first }
        return zip(sorted, sorted.dropFirst()).first { $0.overlaps($1) }?.1
    }
}

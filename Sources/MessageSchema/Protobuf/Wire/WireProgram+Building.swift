extension WireProgram {
    /// Lays out the messages of the file and all that they hold.
    convenience init(
        _ schema: ProtoSchema, options: SchemaOptions, codeList: (CodeListName) -> CodeList?
    ) throws(SchemaError) {
        var builder = Builder(schema: schema)
        let roots = builder.roots(of: schema.root.messages, in: schema.root.package)
        try builder.layOut(codeList)
        builder.markRequired()
        self.init(
            messages: builder.messages, fields: builder.fields, lookup: builder.lookup, codeTables: builder.codeTables,
            messageNames: builder.names, fieldNames: builder.fieldNames, fieldTypes: builder.fieldTypes,
            allowsUnknownFields: options.unknownFields == .allowed, roots: roots)
    }

    private struct Builder {
        let schema: ProtoSchema
        var messages: [WireMessage] = []
        var names: [String] = []
        var fields: [WireField] = []
        var fieldNames: [String] = []
        var fieldTypes: [String] = []
        var lookup: [Int32] = []
        var codeTables: [WireCodeTable] = []
        private var indexes: [String: Int32] = [:]
        private var codeIndexes: [CodeListName: Int32] = [:]
        private var enumLookups: [String: (start: Int32, count: Int32)] = [:]

        init(schema: ProtoSchema) { self.schema = schema }

        mutating func roots(of messages: [ProtoMessage], in scope: String) -> [Root] {
            messages.map { message in
                let name = ProtoSchema.join(scope, message.name)
                return Root(message: index(of: name), nested: roots(of: message.messages, in: name))
            }
        }

        private mutating func index(of message: String) -> Int32 {
            if let known = indexes[message] { return known }
            let index = Int32(messages.count)
            indexes[message] = index
            messages.append(WireMessage())
            names.append(message)
            return index
        }

        mutating func layOut(_ codeList: (CodeListName) -> CodeList?) throws(SchemaError) {
            var next = 0
            while next < messages.count {
                try layOut(next, codeList)
                next += 1
            }
        }

        private mutating func layOut(_ index: Int, _ codeList: (CodeListName) -> CodeList?) throws(SchemaError) {
            let name = names[index]
            guard let definition = schema.messages[name] else { return }
            let first = fields.count
            var numbers: [(number: Int32, field: Int32)] = []
            for field in definition.element.fields {
                numbers.append((field.number, Int32(fields.count)))
                try add(field, name: field.name, file: definition.file, codeList)
            }
            for (_, name) in (schema.extensionNames[name] ?? [:]).sorted(by: { $0.key < $1.key }) {
                guard let field = schema.extensions[name] else { continue }
                numbers.append((field.element.number, Int32(fields.count)))
                try add(field.element, name: "[\(name)]", file: field.file, codeList)
            }
            messages[index].isMapEntry = definition.element.isMapEntry
            messages[index].fields = first..<fields.count
            var bits = 0
            for field in first..<fields.count where fields[field].isRequired {
                if bits < 64 {
                    fields[field].requiredBit = 1 << UInt64(bits)
                    messages[index].requiredBits |= fields[field].requiredBit
                } else {
                    messages[index].hasMoreRequired = true
                }
                bits += 1
            }
            layOutNumbers(numbers.sorted { $0.number < $1.number }, of: index)
        }

        /// Small numbers by a table, as long as it stays small itself; the others in order.
        private mutating func layOutNumbers(_ numbers: [(number: Int32, field: Int32)], of index: Int) {
            let denseMax = Int32(numbers.count * 2 + 32)
            let dense = numbers.filter { $0.number < denseMax }
            messages[index].denseStart = Int32(lookup.count)
            messages[index].denseCount = (dense.last?.number ?? -1) + 1
            lookup += Array(repeating: -1, count: Int(messages[index].denseCount))
            for item in dense { lookup[Int(messages[index].denseStart + item.number)] = item.field }
            let sparse = numbers.dropFirst(dense.count)
            messages[index].sparseStart = Int32(lookup.count)
            messages[index].sparseCount = Int32(sparse.count)
            lookup += sparse.map(\.number) + sparse.map(\.field)
        }

        private mutating func add(
            _ field: ProtoField, name: String, file: Int, _ codeList: (CodeListName) -> CodeList?
        ) throws(SchemaError) {
            var wire = WireField(number: field.number, kind: .bytes, wireType: WireType.lengthDelimited, isRepeated: field.label == .repeated)
            wire.isRequired = field.label == .required
            wire.oneof = Int32(field.oneof ?? -1)
            let typeName: String
            switch field.type {
            case .scalar(let scalar):
                wire.kind = scalar.wireKind
                wire.wireType = scalar.wireType
                wire.checksUTF8 = scalar == .string && schema.files[file].syntax == .proto3
                typeName = scalar.word
            case .enumeration(let type):
                wire.wireType = WireType.varint
                wire.kind = .openEnum
                typeName = type
                if let item = schema.enums[type], schema.files[item.file].syntax == .proto2 {
                    wire.kind = .closedEnum
                    (wire.target, wire.targetCount) = numbers(of: item.element, named: type)
                }
            case .message(let type), .named(let type):
                wire.kind = .message
                wire.target = index(of: type)
                wire.isMap = schema.messages[type]?.element.isMapEntry == true
                typeName = type
            case .group(let type):
                wire.kind = .group
                wire.wireType = WireType.startGroup
                wire.target = index(of: type)
                typeName = type
            }
            if let list = try field.codeListName(in: schema.files[file].name) { wire.codeTable = try table(of: list, for: field, file: file, codeList) }
            fields.append(wire)
            fieldNames.append(name)
            fieldTypes.append("field \(name) (\(typeName))")
        }

        private mutating func numbers(of item: ProtoEnum, named name: String) -> (Int32, Int32) {
            if let known = enumLookups[name] { return known }
            let numbers = Set(item.values.map(\.number)).sorted()
            let place = (start: Int32(lookup.count), count: Int32(numbers.count))
            lookup += numbers
            enumLookups[name] = place
            return place
        }

        private mutating func table(
            of name: CodeListName, for field: ProtoField, file: Int, _ codeList: (CodeListName) -> CodeList?
        ) throws(SchemaError) -> Int32 {
            guard field.type == .scalar(.string) else {
                throw field.position.error(in: schema.files[file].name, "a code list is for fields of type string, which \(field.name) is not")
            }
            if let known = codeIndexes[name] { return known }
            guard let list = codeList(name) else {
                throw field.position.error(in: schema.files[file].name, "there is no code list \(name); register it first")
            }
            let index = Int32(codeTables.count)
            codeTables.append(WireCodeTable(list, name: name))
            codeIndexes[name] = index
            return index
        }

        /// A message reaches a required field through others: repeated until nothing changes, at most once a level.
        mutating func markRequired() {
            var users: [Int: [Int]] = [:]
            var waiting: [Int] = []
            for (index, message) in messages.enumerated() {
                for field in fields[message.fields] {
                    if field.isRequired, !messages[index].reachesRequired {
                        messages[index].reachesRequired = true
                        waiting.append(index)
                    }
                    if field.kind == .message || field.kind == .group { users[Int(field.target), default: []].append(index) }
                }
            }
            while let index = waiting.popLast() {
                for user in users[index] ?? [] where !messages[user].reachesRequired {
                    messages[user].reachesRequired = true
                    waiting.append(user)
                }
            }
        }
    }
}

extension ProtoScalar {
    fileprivate var wireType: UInt8 {
        switch self {
        case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .bool: WireType.varint
        case .fixed64, .sfixed64, .double: WireType.fixed64
        case .fixed32, .sfixed32, .float: WireType.fixed32
        case .string, .bytes: WireType.lengthDelimited
        }
    }

    fileprivate var wireKind: WireField.Kind {
        switch self {
        case .int64, .uint64, .sint64: .varint64
        case .int32: .int32
        case .uint32, .sint32: .unsigned32
        case .bool: .bool
        case .fixed64, .sfixed64, .double: .fixed64
        case .fixed32, .sfixed32, .float: .fixed32
        case .string: .text
        case .bytes: .bytes
        }
    }
}

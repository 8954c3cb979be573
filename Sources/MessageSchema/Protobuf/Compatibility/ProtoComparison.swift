/// Compares two versions of a file: fields by number, messages by name.
///
/// Two deviations from Confluent's registry, both to the stricter side: a plain field of proto3 counts as optional when a number
/// becomes repeated (there its label is unknown in texts, so that the change passes unless `optional` is written), and imported types
/// are compared wherever their texts differ.
struct ProtoComparison {
    let original: ProtoSchema
    let update: ProtoSchema
    private(set) var found: [Incompatibility] = []
    /// Pairs of imported messages that are compared already, or at this moment: types may hold each other.
    private var comparedImports: [String: Bool] = [:]

    init(original: ProtoSchema, update: ProtoSchema) {
        self.original = original
        self.update = update
    }

    mutating func compare() {
        if original.root.package != update.root.package { add(.packageChanged, [], original.root.package) }
        compare(original.root.messages, update.root.messages, [])
    }

    private mutating func add(_ difference: ProtoDifference, _ path: [String], _ name: String) {
        found.append(Incompatibility(path: "#/" + path.joined(separator: "/"), rule: difference.rawValue, message: difference.sentence(name)))
    }

    private mutating func compare(_ old: [ProtoMessage], _ new: [ProtoMessage], _ path: [String]) {
        let newByName = Dictionary(new.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for message in old where !message.isMapEntry {
            let path = path + [message.name]
            guard let now = newByName[message.name] else {
                add(.messageRemoved, path, message.name)
                continue
            }
            compare(message, now, path)
        }
    }

    private mutating func compare(_ old: ProtoMessage, _ new: ProtoMessage, _ path: [String]) {
        compareOneofs(old, new, path)
        compareFields(old, new, path)
        compare(old.messages, new.messages, path)
    }

    // MARK: - Oneofs

    /// Fields that shared no oneof before may be set together in old payloads; one oneof keeps only the last of them.
    private mutating func compareOneofs(_ old: ProtoMessage, _ new: ProtoMessage, _ path: [String]) {
        let oldFields = Dictionary(old.fields.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        let members = Dictionary(grouping: new.fields.filter { $0.oneof != nil }) { $0.oneof ?? 0 }
        for (index, oneof) in new.oneofs.enumerated() where !oneof.isSynthetic {
            var groups: Set<String> = []
            var independent = 0
            for field in members[index] ?? [] {
                guard let before = oldFields[field.number] else { continue }
                if let home = old.oneofName(of: before) {
                    groups.insert("oneof " + home)
                } else {
                    groups.insert("field \(before.number)")
                    independent += 1
                }
            }
            if groups.count > 1 {
                add(independent > 1 ? .multipleFieldsMovedToOneof : .fieldMovedToExistingOneof, path + [oneof.name], oneof.name)
            }
        }
    }

    /// The oneofs of which something is left: their name, or a member. Where nothing is, readers miss nothing that they could take for
    /// empty.
    private func remainingOneofs(_ old: ProtoMessage, _ new: ProtoMessage, _ numbers: Set<Int32>) -> Set<String> {
        Set(new.oneofs.filter { !$0.isSynthetic }.map(\.name)).union(old.fields.filter { numbers.contains($0.number) }.compactMap { old.oneofName(of: $0) })
    }

    // MARK: - Fields

    private mutating func compareFields(_ old: ProtoMessage, _ new: ProtoMessage, _ path: [String]) {
        let oldFields = Dictionary(old.fields.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        let newFields = Dictionary(new.fields.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        let newNumbers = Set(newFields.keys)
        let remaining = remainingOneofs(old, new, newNumbers)
        for number in Set(oldFields.keys).union(newNumbers).sorted() {
            switch (oldFields[number], newFields[number]) {
            case (let before?, nil):
                if let home = old.oneofName(of: before) {
                    if remaining.contains(home) { add(.oneofFieldRemoved, path + [home, "\(number)"], before.name) }
                } else if before.label == .required {
                    add(.requiredFieldRemoved, path + ["\(number)"], before.name)
                }
            case (nil, let now?):
                if now.label == .required { add(.requiredFieldAdded, path + ["\(number)"], now.name) }
            case (let before?, let now?):
                let home = new.oneofName(of: now).map { [$0] } ?? []
                compare(before, now, path + home + ["\(number)"])
            case (nil, nil):
                break
            }
        }
    }

    private mutating func compare(_ old: ProtoField, _ new: ProtoField, _ path: [String]) {
        compareTypes(Kind(old.type, in: original), Kind(new.type, in: update), path, name: new.name) { comparison, scalars in
            guard old.label != new.label, scalars.isNumber else { return }
            comparison.add(.fieldNumericLabelChanged, path, new.name)
        }
    }

    /// - Parameter alike: called for scalars that are read alike.
    private mutating func compareTypes(
        _ old: Kind, _ new: Kind, _ path: [String], name: String, _ alike: (inout ProtoComparison, ScalarKind) -> Void = { _, _ in }
    ) {
        switch (old, new) {
        case (.scalar(let before), .scalar(let now)):
            if before == now { alike(&self, before) } else { add(.fieldScalarKindChanged, path, name) }
        case (.map(let oldEntry), .map(let newEntry)):
            for (before, now) in zip(oldEntry, newEntry) { compareTypes(Kind(before.type, in: original), Kind(now.type, in: update), path, name: name) }
        case (.message(let before), .message(let now)):
            compareMessages(before, now, path, name: name)
        case (.scalar, _), (.map, _), (.message, _):
            add(.fieldKindChanged, path, name)
        }
    }

    private mutating func compareMessages(_ old: String, _ new: String, _ path: [String], name: String) {
        guard let before = original.messages[old], let now = update.messages[new] else { return }
        let oldFile = original.files[before.file]
        let newFile = update.files[now.file]
        let local = Self.local(old, in: oldFile.package)
        guard local == Self.local(new, in: newFile.package) else {
            add(.fieldNamedTypeChanged, path, name)
            return
        }
        // Types of the file itself are compared where they stand.
        if before.file == 0, now.file == 0 { return }
        if oldFile.name == newFile.name, ProtoBuiltIns.text(of: oldFile.name) != nil { return }
        if !areImportsAlike(old, new, before.element, now.element, local) { add(.fieldNamedTypeChanged, path, name) }
    }

    private mutating func areImportsAlike(_ old: String, _ new: String, _ before: ProtoMessage, _ now: ProtoMessage, _ local: String) -> Bool {
        let key = "\(old) \(new)"
        if let known = comparedImports[key] { return known }
        comparedImports[key] = true
        let count = found.count
        compare(before, now, local.split(separator: ".").map(String.init))
        comparedImports[key] = found.count == count
        return found.count == count
    }

    /// A full name without the package of its file.
    private static func local(_ name: String, in package: String) -> String {
        package.isEmpty ? name : String(name.dropFirst(package.utf8.count + 1))
    }
}

// MARK: - Kinds

extension ProtoComparison {
    /// Scalar types whose values are read alike on the wire (https://protobuf.dev/programming-guides/proto3/#updating).
    enum ScalarKind {
        case number, signedNumber, text, fixed32, fixed64, float, double

        var isNumber: Bool { self != .text }

        init(_ scalar: ProtoScalar) {
            switch scalar {
            case .int32, .int64, .uint32, .uint64, .bool: self = .number
            case .sint32, .sint64: self = .signedNumber
            case .string, .bytes: self = .text
            case .fixed32, .sfixed32: self = .fixed32
            case .fixed64, .sfixed64: self = .fixed64
            case .float: self = .float
            case .double: self = .double
            }
        }
    }

    fileprivate enum Kind {
        case scalar(ScalarKind)
        /// With the entry's key and value.
        case map([ProtoField])
        case message(String)

        init(_ type: ProtoFieldType, in schema: ProtoSchema) {
            switch type {
            case .scalar(let scalar): self = .scalar(ScalarKind(scalar))
            case .enumeration: self = .scalar(.number)
            case .message(let name), .group(let name), .named(let name):
                let message = schema.messages[name]?.element
                self = message?.isMapEntry == true ? .map(message?.fields ?? []) : .message(name)
            }
        }
    }
}

extension ProtoMessage {
    /// The oneof that the text puts the field in.
    fileprivate func oneofName(of field: ProtoField) -> String? {
        guard let index = field.oneof, oneofs.indices.contains(index), !oneofs[index].isSynthetic else { return nil }
        return oneofs[index].name
    }
}

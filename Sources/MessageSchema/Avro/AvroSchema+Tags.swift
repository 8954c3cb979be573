extension AvroSchema {
    /// Fields with `x-personal` or `x-sensitivity`, by every path that leads to them. Where a type contains itself there is no end of
    /// paths: there the field that leads back is tagged itself, with all that is tagged inside.
    func taggedFields() throws(SchemaError) -> [TaggedField] {
        var finder = TagFinder(schema: self)
        try finder.look(in: root, path: "")
        return finder.found
    }
}

private struct TagFinder {
    let schema: AvroSchema
    /// Types with a tag somewhere inside.
    let hasTags: [Bool]
    var found: [TaggedField] = []
    private var known: Set<TaggedField> = []
    private var pathCount = 0
    private var insides: [Int: (isPersonal: Bool, sensitivity: String?)] = [:]
    /// The records that lead to the current place.
    var open: Set<Int> = []

    init(schema: AvroSchema) {
        self.schema = schema
        self.hasTags = schema.typesWithTags
    }

    mutating func look(in type: Int, path: String) throws(SchemaError) {
        guard hasTags[type] else { return }
        try judgeLength(of: path)
        switch schema.types[type].kind {
        case .array(let items): try look(in: items, path: path + "/*")
        case .map(let values): try look(in: values, path: path + "/*")
        case .union(let branches): for branch in branches { try look(in: branch, path: path) }
        case .record(let fields):
            guard open.insert(type).inserted else {
                let (isPersonal, sensitivity) = inside(type)
                return try add(TaggedField(path: path, isPersonal: isPersonal, sensitivity: sensitivity))
            }
            for field in fields {
                let path = "\(path)/\(field.name)"
                if field.isTagged { try add(TaggedField(path: path, isPersonal: field.isPersonal, sensitivity: field.sensitivity)) }
                try look(in: field.type, path: path)
            }
            open.remove(type)
        case .null, .boolean, .int, .long, .float, .double, .bytes, .string, .enumeration, .fixed: break
        }
    }

    /// All that is tagged inside of a type as one tag. The words for sensitivity are the schema's own, so that none is known to be
    /// stronger: the first in the order of names, to be the same every time.
    private mutating func inside(_ type: Int) -> (isPersonal: Bool, sensitivity: String?) {
        if let known = insides[type] { return known }
        let fields = schema.taggedInside(type)
        let tag = (fields.contains(where: \.isPersonal), fields.compactMap(\.sensitivity).min())
        insides[type] = tag
        return tag
    }

    /// A path that were cut would no longer name the field.
    private func judgeLength(of path: String) throws(SchemaError) {
        guard path.utf8.count <= SchemaLimits.pathBytesMax else {
            throw SchemaError(at: "", "the path to a field with x-personal or x-sensitivity has at most \(SchemaLimits.pathBytesMax) bytes")
        }
    }

    private mutating func add(_ field: TaggedField) throws(SchemaError) {
        try judgeLength(of: field.path)
        pathCount += 1
        guard pathCount <= SchemaLimits.avroTaggedPathsMax else {
            throw SchemaError(at: "", "fields with x-personal or x-sensitivity are reached by at most \(SchemaLimits.avroTaggedPathsMax) paths")
        }
        // Two branches of a union may have fields of the same name.
        if known.insert(field).inserted { found.append(field) }
    }
}

extension AvroField {
    fileprivate var isTagged: Bool { isPersonal || sensitivity != nil }
}

extension AvroSchema {
    fileprivate var typesWithTags: [Bool] {
        var result = [Bool](repeating: false, count: types.count)
        var users: [[Int]] = Array(repeating: [], count: types.count)
        var reached: [Int] = []
        for (index, type) in types.enumerated() {
            switch type.kind {
            case .record(let fields):
                for field in fields { users[field.type].append(index) }
                if fields.contains(where: \.isTagged) { reached.append(index) }
            case .array(let inner), .map(let inner): users[inner].append(index)
            case .union(let branches): for branch in branches { users[branch].append(index) }
            case .null, .boolean, .int, .long, .float, .double, .bytes, .string, .enumeration, .fixed: break
            }
        }
        for index in reached { result[index] = true }
        while let index = reached.popLast() {
            for user in users[index] where !result[user] {
                result[user] = true
                reached.append(user)
            }
        }
        return result
    }

    /// The tagged fields that values of a type can hold, each once.
    fileprivate func taggedInside(_ type: Int) -> [AvroField] {
        var seen: Set = [type]
        var ahead = [type]
        var found: [AvroField] = []
        while let index = ahead.popLast() {
            var inner: [Int] = []
            switch types[index].kind {
            case .record(let fields):
                found += fields.filter(\.isTagged)
                inner = fields.map(\.type)
            case .array(let items): inner = [items]
            case .map(let values): inner = [values]
            case .union(let branches): inner = branches
            case .null, .boolean, .int, .long, .float, .double, .bytes, .string, .enumeration, .fixed: break
            }
            ahead += inner.filter { seen.insert($0).inserted }
        }
        return found
    }
}

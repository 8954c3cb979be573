/// Turns the texts of a library into a `SchemaCode`: each schema that can be reached from the root becomes a node. A list of work, not
/// recursion: chains of references may be as long as a text allows.
struct SchemaCompiler {
    var library: SchemaLibrary
    let options: SchemaOptions

    private(set) var nodes: [SchemaCode.Node] = []
    private(set) var locations: [SchemaLibrary.Location] = []
    private var nodeOfLocation: [SchemaLibrary.Location: Int32] = [:]
    private(set) var nodeChecks: [[SchemaCheck]] = []
    var tables = SchemaTables()

    /// `$dynamicAnchor` names in use, and which of the table they are. The empty name is `$recursiveAnchor`.
    private var dynamicNames: [String: Int32] = [:]
    private var dynamicAnchors: [SchemaCode.DynamicAnchor] = []
    private(set) var tags: [SchemaLibrary.Location: TaggedField] = [:]

    init(_ source: SchemaSource, _ options: SchemaOptions) throws(SchemaError) {
        library = try SchemaLibrary(source)
        self.options = options
    }

    mutating func compile(_ codeList: (CodeListName) -> CodeList?) throws(SchemaError) -> SchemaCode {
        // The root first, then all schemas of the text, so that an error in one that nothing refers to is told as well.
        for location in library.schemas(of: 0) { _ = node(location) }
        var done = 0
        repeat {
            while done < nodes.count {
                guard done < SchemaLimits.schemaNodesMax else {
                    throw SchemaError(at: "", "a schema with all that it refers to holds at most \(SchemaLimits.schemaNodesMax) schemas")
                }
                try compileNode(done, codeList)
                done += 1
            }
            findDynamicAnchors()
        } while done < nodes.count
        settleDynamicReferences()
        try SchemaCycles(nodeChecks, tables.indices).judge { library.error(locations[$0], $1) }
        return assemble()
    }

    /// The node of a schema, made when it is first asked for.
    mutating func node(_ location: SchemaLibrary.Location) -> Int32 {
        if let known = nodeOfLocation[location] { return known }
        let index = Int32(nodes.count)
        nodes.append(SchemaCode.Node(resource: Int32(location.resource)))
        locations.append(location)
        nodeChecks.append([])
        nodeOfLocation[location] = index
        return index
    }

    private mutating func compileNode(_ index: Int, _ codeList: (CodeListName) -> CodeList?) throws(SchemaError) {
        let location = locations[index]
        let text = library.texts[location.text]
        switch text.kind(location.item) {
        case .yes: break
        case .no:
            nodeChecks[index] = [.never]
            nodes[index].isNever = true
        case .object:
            var keywords = KeywordCompiler(location, text, library.resource(of: location).dialect)
            try keywords.compile(&self, codeList)
            nodeChecks[index] = keywords.checks
            nodes[index].hasUnevaluated = keywords.hasUnevaluated
        case .null, .number, .string, .array:
            throw library.error(location, "a schema is an object, true or false")
        }
    }

    mutating func tag(_ location: SchemaLibrary.Location, _ tag: TaggedField) { tags[location] = tag }

    // MARK: references

    mutating func target(of reference: String, at item: Int, in location: SchemaLibrary.Location) throws(SchemaError) -> SchemaLibrary.Location {
        guard let target = try library.resolve(reference, from: location.resource) else {
            throw library.error(location, at: item, "`\(reference)` leads nowhere: no schema in this text or among its references answers to it")
        }
        return target
    }

    /// The check of a `$dynamicRef`: an ordinary reference unless it leads to a `$dynamicAnchor`.
    mutating func dynamicReference(_ reference: String, to target: SchemaLibrary.Location) -> SchemaCheck {
        let name = URIReference(reference).decodedFragment ?? ""
        let resource = library.resources[target.resource]
        guard resource.dynamicAnchors.contains(name), resource.anchors[name] == target.item else { return .reference(node: node(target)) }
        return .dynamicReference(node: node(target), anchor: dynamicAnchor(name))
    }

    mutating func recursiveReference(to target: SchemaLibrary.Location) -> SchemaCheck {
        guard library.resources[target.resource].isRecursiveAnchor else { return .reference(node: node(target)) }
        return .dynamicReference(node: node(target), anchor: dynamicAnchor(""))
    }

    private mutating func dynamicAnchor(_ name: String) -> Int32 {
        if let known = dynamicNames[name] { return known }
        dynamicNames[name] = Int32(dynamicAnchors.count)
        dynamicAnchors.append(SchemaCode.DynamicAnchor())
        return Int32(dynamicAnchors.count - 1)
    }

    /// Finds the anchors of all resources that a document can pass through; their schemas may bring in more.
    private mutating func findDynamicAnchors() {
        let entered = Set(nodes.map(\.resource)).sorted()
        for (name, index) in dynamicNames.sorted(by: { $0.value < $1.value }) {
            let known = Set(dynamicAnchors[Int(index)].places.map(\.resource))
            for resource in entered where !known.contains(resource) {
                let place = library.resources[Int(resource)]
                let item: Int? = name.isEmpty ? (place.isRecursiveAnchor ? place.item : nil) : (place.dynamicAnchors.contains(name) ? place.anchors[name] : nil)
                guard let item else { continue }
                let node = node(SchemaLibrary.Location(text: place.text, item: item, resource: Int(resource)))
                dynamicAnchors[Int(index)].places.append((resource, node))
            }
        }
    }

    /// Where only one schema has the anchor, the reference always leads there.
    private mutating func settleDynamicReferences() {
        for node in nodeChecks.indices {
            for check in nodeChecks[node].indices {
                if case .dynamicReference(let target, let anchor) = nodeChecks[node][check], dynamicAnchors[Int(anchor)].places.count == 1 {
                    nodeChecks[node][check] = .reference(node: target)
                }
            }
        }
    }

    private func assemble() -> SchemaCode {
        var code = tables.code()
        code.nodes = nodes
        for index in nodes.indices {
            code.nodes[index].firstCheck = Int32(code.checks.count)
            code.nodes[index].checkCount = Int32(nodeChecks[index].count)
            code.checks += nodeChecks[index]
        }
        code.dynamicAnchors = dynamicAnchors
        return code
    }
}

/// A schema's text, parsed, with Swift names for what the compiler asks of it.
struct SchemaText: Sendable {
    /// How errors name it; empty for the schema that is being compiled.
    let name: String
    let document: JSONDocument

    init(name: String, text: String) throws(SchemaError) {
        self.name = name
        do throws(JSONSyntaxError) {
            document = try JSONDocument(parsing: Array(text.utf8))
        } catch {
            throw SchemaError(at: name.isEmpty ? error.path : "\(name)#\(error.path)", error.sentence)
        }
    }

    func kind(_ item: Int) -> JSONItem.Kind { document.items[item].kind }
    func count(_ item: Int) -> Int { Int(document.items[item].count) }
    func string(_ item: Int) -> String { document.string(item) }
    func bytes(_ item: Int) -> [UInt8] { document.withView { Array($0.bytes(item)) } }

    /// Elements of an array.
    func elements(_ item: Int) -> [Int] {
        var elements: [Int] = []
        elements.reserveCapacity(count(item))
        var index = item + 1
        for _ in 0..<count(item) {
            elements.append(index)
            index = Int(document.items[index].next)
        }
        return elements
    }

    /// Members of an object, in the order of the text.
    func members(_ item: Int) -> [(key: Int, value: Int)] {
        var members: [(Int, Int)] = []
        members.reserveCapacity(count(item))
        var index = item + 1
        for _ in 0..<count(item) {
            members.append((index, index + 1))
            index = Int(document.items[index + 1].next)
        }
        return members
    }

    /// The value of a member of an object; nil for other kinds.
    func member(_ name: String, of item: Int) -> Int? {
        guard kind(item) == .object else { return nil }
        let name = Array(name.utf8)
        return document.withView { view in
            name.withUnsafeBytes { name in
                var index = item + 1
                for _ in 0..<view.count(item) {
                    if JSONBytes.isEqual(view.bytes(index), name) { return index + 1 }
                    index = view.next(index + 1)
                }
                return nil
            }
        }
    }

    func stringMember(_ name: String, of item: Int) -> String? {
        guard let value = member(name, of: item), kind(value) == .string else { return nil }
        return string(value)
    }

    /// The pointer of an item from the root; of a key's value for a key.
    func pointer(to target: Int) -> String {
        var path = JSONPointer()
        var item = 0
        while item != target, target < document.items[item].next {
            if kind(item) == .object {
                guard let member = members(item).first(where: { target < document.items[$0.value].next }) else { break }
                path.append(key: string(member.key))
                if target <= member.value { break }
                item = member.value
            } else {
                guard let (index, element) = elements(item).enumerated().first(where: { target < document.items[$0.element].next }) else { break }
                path.append(index: index)
                item = element
            }
        }
        return path.text
    }

    func error(at item: Int, _ message: String) -> SchemaError {
        let pointer = pointer(to: item)
        return SchemaError(at: name.isEmpty ? pointer : "\(name)#\(pointer)", message)
    }
}

extension AvroSchema {
    /// The first type no value of which can end, such as a record with a field of its own type. An array or a map can be empty, and a
    /// union ends where one of its branches does.
    /// - Parameter first: those before it are known to end, and do not refer to those after.
    func firstEndless(from first: Int) -> Int? {
        var waiting = [Int](repeating: 0, count: types.count - first)
        var users: [[Int]] = Array(repeating: [], count: types.count - first)
        var ending: [Int] = []
        for index in first..<types.count {
            let needed: [Int]
            switch types[index].kind {
            case .record(let fields):
                needed = fields.map(\.type).filter { $0 >= first }
                waiting[index - first] = needed.count
            case .union(let branches):
                needed = branches.contains { $0 < first } ? [] : branches
                waiting[index - first] = min(needed.count, 1)
            case .null, .boolean, .int, .long, .float, .double, .bytes, .string, .enumeration, .fixed, .array, .map: needed = []
            }
            for type in needed { users[type - first].append(index - first) }
            if waiting[index - first] == 0 { ending.append(index - first) }
        }
        while let index = ending.popLast() {
            for user in users[index] where waiting[user] > 0 {
                waiting[user] -= 1
                if waiting[user] == 0 { ending.append(user) }
            }
        }
        return waiting.firstIndex { $0 > 0 }.map { $0 + first }
    }
}

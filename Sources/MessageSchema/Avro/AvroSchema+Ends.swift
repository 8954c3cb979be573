extension AvroSchema {
    /// The first type no value of which can end, such as a record with a field of its own type. An array or a map can be empty, and a
    /// union ends where one of its branches does.
    func firstEndless(from first: Int) -> Int? {
        var waiting = [Int](repeating: 0, count: types.count)
        var users: [[Int]] = Array(repeating: [], count: types.count)
        var ending: [Int] = []
        for (index, type) in types.enumerated() {
            switch type.kind {
            case .record(let fields):
                waiting[index] = fields.count
                for field in fields { users[field.type].append(index) }
            case .union(let branches):
                waiting[index] = 1
                for branch in branches { users[branch].append(index) }
            case .null, .boolean, .int, .long, .float, .double, .bytes, .string, .enumeration, .fixed, .array, .map: break
            }
            if waiting[index] == 0 { ending.append(index) }
        }
        while let index = ending.popLast() {
            for user in users[index] where waiting[user] > 0 {
                waiting[user] -= 1
                if waiting[user] == 0 { ending.append(user) }
            }
        }
        return (first..<types.count).first { waiting[$0] > 0 }
    }
}

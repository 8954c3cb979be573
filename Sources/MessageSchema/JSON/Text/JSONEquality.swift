/// Equality as JSON Schema has it (2020-12 core, 4.2.2): numbers by value, objects whatever the order of their members.
enum JSONEquality {
    static func isEqual(_ left: JSONView, _ a: Int, _ right: JSONView, _ b: Int) -> Bool {
        let kind = left.kind(a)
        guard kind == right.kind(b) else { return false }
        switch kind {
        case .null, .no, .yes: return true
        case .number: return left.number(a).compared(to: right.number(b)) == 0
        case .string: return JSONBytes.isEqual(left.bytes(a), right.bytes(b))
        case .array:
            guard left.count(a) == right.count(b) else { return false }
            var a = a + 1
            var b = b + 1
            for _ in 0..<left.items[a - 1].count {
                guard isEqual(left, a, right, b) else { return false }
                a = left.next(a)
                b = right.next(b)
            }
            return true
        case .object:
            guard left.count(a) == right.count(b) else { return false }
            return isEqualObject(left, left.membersByKey(a), right, right.membersByKey(b))
        }
    }

    private static func isEqualObject(_ left: JSONView, _ a: [Int], _ right: JSONView, _ b: [Int]) -> Bool {
        zip(a, b).allSatisfy { a, b in
            JSONBytes.isEqual(left.bytes(a), right.bytes(b)) && isEqual(left, a + 1, right, b + 1)
        }
    }

    /// Equal values hash alike. The seed is the process's own (`Hasher`), so no sender can make values collide.
    static func hash(_ view: JSONView, _ index: Int) -> Int {
        var hasher = Hasher()
        hash(view, index, into: &hasher)
        return hasher.finalize()
    }

    private static func hash(_ view: JSONView, _ index: Int, into hasher: inout Hasher) {
        hasher.combine(view.kind(index).rawValue)
        switch view.kind(index) {
        case .null, .no, .yes: break
        case .number: view.number(index).hash(into: &hasher)
        case .string: hasher.combine(bytes: view.bytes(index))
        case .array:
            var element = index + 1
            for _ in 0..<view.count(index) {
                hash(view, element, into: &hasher)
                element = view.next(element)
            }
        case .object:
            // The order of members must not show: a sum of their hashes.
            var sum = 0
            var key = index + 1
            for _ in 0..<view.count(index) {
                var member = Hasher()
                member.combine(bytes: view.bytes(key))
                hash(view, key + 1, into: &member)
                sum &+= member.finalize()
                key = view.next(key + 1)
            }
            hasher.combine(sum)
        }
    }
}

extension JSONView {
    /// The keys of an object in the order of their bytes, as the indices of their items.
    func membersByKey(_ object: Int) -> [Int] {
        var keys: [Int] = []
        keys.reserveCapacity(count(object))
        var key = object + 1
        for _ in 0..<count(object) {
            keys.append(key)
            key = next(key + 1)
        }
        keys.sort { bytes($0).lexicographicallyPrecedes(bytes($1)) }
        return keys
    }
}

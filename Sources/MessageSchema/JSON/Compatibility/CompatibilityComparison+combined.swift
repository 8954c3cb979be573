extension CompatibilityComparison {
    /// One of the two is a combination and the other is not.
    /// - Returns: nil where that decides nothing.
    mutating func compareWithAlternatives(
        _ old: Int, _ oldKind: CompatibilityModel.Kind, _ new: Int, _ newKind: CompatibilityModel.Kind
    ) -> [Difference]? {
        switch (oldKind, newKind) {
        case (.combined, .combined): return nil
        case (_, .combined(let criterion, let parts)):
            if parts.count == 1 || criterion != .allOf, parts.contains(where: { isCompatible(old, $0) }) { return [] }
        case (.combined(let criterion, let parts), _):
            if parts.count == 1 || criterion == .allOf, parts.contains(where: { isCompatible($0, new) }) { return [] }
        default: break
        }
        return nil
    }

    mutating func compareCombined(
        _ old: (criterion: CompatibilityModel.Criterion, parts: [Int]), _ new: (criterion: CompatibilityModel.Criterion, parts: [Int])
    ) -> [Difference] {
        guard mayBecome(old, new) else { return [Difference(path: "", rule: .combinedTypeChanged)] }
        let (oldParts, newParts) = (different(old.parts), different(new.parts))
        var found: [Difference] = []
        if oldParts.count < newParts.count, new.criterion == .allOf { found.append(Difference(path: "", rule: .productTypeExtended)) }
        if oldParts.count > newParts.count, old.criterion != .allOf { found.append(Difference(path: "", rule: .sumTypeNarrowed)) }
        let edges = oldParts.map { old in newParts.indices.filter { isCompatible(old, newParts[$0]) } }
        if Self.matching(edges, newParts.count) < min(oldParts.count, newParts.count) {
            found.append(Difference(path: "", rule: .combinedTypeSubschemasChanged))
        }
        return found
    }

    private func mayBecome(
        _ old: (criterion: CompatibilityModel.Criterion, parts: [Int]), _ new: (criterion: CompatibilityModel.Criterion, parts: [Int])
    ) -> Bool {
        old.criterion == new.criterion || new.criterion == .anyOf || old.parts.count == 1 && (new.parts.count == 1 || new.criterion == .oneOf)
            || new.parts.count == 1 && old.criterion == .allOf
    }

    /// Parts whose texts are equal count once.
    private func different(_ parts: [Int]) -> [Int] {
        struct Look: Hashable {
            let kind: String
            let text: [UInt8]
        }
        var seen = Set<Look>()
        return parts.filter { index in
            let part = model.parts[index]
            let text = model.text(part.place)
            let written = text.document.withView { JSONWriter.sortedText($0, part.place.location.item) }
            return seen.insert(Look(kind: part.kind.name, text: written)).inserted
        }
    }

    /// The size of the largest matching of old with new parts (Kuhn's augmenting paths).
    private static func matching(_ edges: [[Int]], _ count: Int) -> Int {
        var partner = [Int](repeating: -1, count: count)
        func augment(_ old: Int, _ seen: inout [Bool]) -> Bool {
            for new in edges[old] where !seen[new] {
                seen[new] = true
                if partner[new] < 0 || augment(partner[new], &seen) {
                    partner[new] = old
                    return true
                }
            }
            return false
        }
        return edges.indices.count { old in
            var seen = [Bool](repeating: false, count: count)
            return augment(old, &seen)
        }
    }
}

extension CompatibilityModel.Kind {
    /// Tells the parts of one schema from each other.
    fileprivate var name: String {
        switch self {
        case .empty: "empty"
        case .never: "never"
        case .string: "string"
        case .boolean: "boolean"
        case .null: "null"
        case .constant: "const"
        case .enumeration: "enum"
        case .codeList: "x-codelist"
        case .object: "object"
        case .array: "array"
        case .conditional: "if"
        case .number(let isInteger): isInteger ? "integer" : "number"
        case .combined(let criterion, _): criterion.rawValue
        case .not: "not"
        }
    }
}

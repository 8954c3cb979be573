extension CompatibilityComparison {
    /// `items` and its relatives, whatever the draft calls them.
    private struct Elements {
        /// For all elements, where there is no prefix.
        var all: Int?
        var prefix: [Int] = []
        /// For the elements behind the prefix.
        var rest: Rest = .any
        var restKeyword = "additionalItems"
    }

    mutating func compareArrays(_ old: Place, _ new: Place) -> [Difference] {
        let (before, after) = (elements(old), elements(new))
        var found = compare(before.all, after.all, at: "/items")
        found += comparePrefixes(before, after, old, new)
        found += compareRest(before, after)
        found += compareUnevaluated(old, new, "unevaluatedItems", removed: .unevaluatedItemsRemoved, narrowed: .unevaluatedItemsNarrowed)
        found += compareBound("maxItems", .upper, old, new, added: .maxItemsAdded, moved: .maxItemsDecreased)
        found += compareBound("minItems", .lower, old, new, added: .minItemsAdded, moved: .minItemsIncreased)
        if isUnique(new), !isUnique(old) { found.append(Difference(path: "/uniqueItems", rule: .uniqueItemsAdded)) }
        found += compareBound("maxContains", .upper, old, new, added: .maxContainsAdded, moved: .maxContainsDecreased)
        found += compareBound("minContains", .lower, old, new, added: .minContainsAdded, moved: .minContainsIncreased)
        return found
    }

    private func isUnique(_ place: Place) -> Bool {
        model.value("uniqueItems", place).map { model.text(place).kind($0) == .yes } ?? false
    }

    private mutating func elements(_ place: Place) -> Elements {
        var elements = Elements()
        let text = model.text(place)
        let items = model.value("items", place)
        let isNew = model.dialect(place).draft == .draft2020
        let array = isNew ? model.value("prefixItems", place) : items.flatMap { text.kind($0) == .array ? $0 : nil }
        elements.restKeyword = isNew ? "items" : "additionalItems"
        // The registry compares `additionalItems` also where no prefix gives it a meaning.
        if array != nil || !isNew { elements.rest = state(elements.restKeyword, place) }
        if let array {
            elements.prefix = text.elements(array).map { model.part(model.child($0, place)) }
        } else if let items, isNew, text.kind(items) == .no {
            elements.rest = .never
        } else {
            elements.all = items.flatMap { item in
                if case .any = state("items", place) { return nil }
                return model.part(model.child(item, place))
            }
        }
        return elements
    }

    private mutating func compareRest(_ old: Elements, _ new: Elements) -> [Difference] {
        let path = "/\(new.restKeyword)"
        switch (old.rest, new.rest) {
        case (_, .any), (.never, _): return []
        case (_, .never): return [Difference(path: path, rule: .additionalItemsRemoved)]
        case (.any, .schema): return [Difference(path: path, rule: .additionalItemsNarrowed)]
        case (.schema(let before), .schema(let after)): return compare(before, after, at: path)
        }
    }

    private mutating func comparePrefixes(_ old: Elements, _ new: Elements, _ oldPlace: Place, _ newPlace: Place) -> [Difference] {
        var found: [Difference] = []
        for index in 0..<max(old.prefix.count, new.prefix.count) {
            let path = "/items/\(index)"
            if index >= new.prefix.count {
                found += removed(old.prefix[index], rest(new, newPlace), path)
            } else if index >= old.prefix.count {
                found += added(new.prefix[index], rest(old, oldPlace), path)
            } else {
                found += compare(old.prefix[index], new.prefix[index], at: path)
            }
        }
        return found
    }

    /// What further elements may be, `unevaluatedItems` included.
    private mutating func rest(_ elements: Elements, _ place: Place) -> Rest {
        if case .any = elements.rest { return model.dialect(place).draft > .draft7 ? state("unevaluatedItems", place) : .any }
        return elements.rest
    }

    private mutating func removed(_ part: Int, _ rest: Rest, _ path: String) -> [Difference] {
        switch rest {
        case .any: return []
        case .never: return model.parts[part].kind == .never ? [] : [Difference(path: path, rule: .itemRemovedFromClosedContentModel)]
        case .schema(let cover):
            let found = compare(part, cover, at: path)
            return found.isEmpty ? [] : found + [Difference(path: path, rule: .itemRemovedNotCovered)]
        }
    }

    private mutating func added(_ part: Int, _ rest: Rest, _ path: String) -> [Difference] {
        switch rest {
        case .any: return model.parts[part].kind == .empty ? [] : [Difference(path: path, rule: .itemAddedToOpenContentModel)]
        case .never: return []
        case .schema(let cover):
            let found = compare(cover, part, at: path)
            return found.isEmpty ? [] : found + [Difference(path: path, rule: .itemAddedNotCovered)]
        }
    }
}

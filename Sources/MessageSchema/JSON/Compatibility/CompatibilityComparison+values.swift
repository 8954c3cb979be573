extension CompatibilityComparison {
    typealias Place = CompatibilityModel.Place

    /// A bound below which, or above which, values are refused.
    enum Bound { case upper, lower }

    func compareBound(_ keyword: String, _ bound: Bound, _ old: Place, _ new: Place, added: CompatibilityRule, moved: CompatibilityRule) -> [Difference] {
        guard let newItem = model.value(keyword, new) else { return [] }
        guard let oldItem = model.value(keyword, old) else { return [Difference(path: "/\(keyword)", rule: added)] }
        let order = model.text(old).document.withView { oldView in
            model.text(new).document.withView { newView in newView.number(newItem).compared(to: oldView.number(oldItem)) }
        }
        return (bound == .upper ? order < 0 : order > 0) ? [Difference(path: "/\(keyword)", rule: moved)] : []
    }

    func compareStrings(_ old: Place, _ new: Place) -> [Difference] {
        var found = compareBound("maxLength", .upper, old, new, added: .maxLengthAdded, moved: .maxLengthDecreased)
        found += compareBound("minLength", .lower, old, new, added: .minLengthAdded, moved: .minLengthIncreased)
        if let newItem = model.value("pattern", new) {
            if let oldItem = model.value("pattern", old) {
                if model.text(old).bytes(oldItem) != model.text(new).bytes(newItem) { found.append(Difference(path: "/pattern", rule: .patternChanged)) }
            } else {
                found.append(Difference(path: "/pattern", rule: .patternAdded))
            }
        }
        return found
    }

    func compareNumbers(_ old: Place, _ new: Place) -> [Difference] {
        compareBound("maximum", .upper, old, new, added: .maximumAdded, moved: .maximumDecreased)
            + compareBound("minimum", .lower, old, new, added: .minimumAdded, moved: .minimumIncreased)
            + compareBound("exclusiveMaximum", .upper, old, new, added: .exclusiveMaximumAdded, moved: .exclusiveMaximumDecreased)
            + compareBound("exclusiveMinimum", .lower, old, new, added: .exclusiveMinimumAdded, moved: .exclusiveMinimumIncreased)
            + compareMultiples(old, new)
    }

    private func compareMultiples(_ old: Place, _ new: Place) -> [Difference] {
        guard let newItem = model.value("multipleOf", new) else { return [] }
        guard let oldItem = model.value("multipleOf", old) else { return [Difference(path: "/multipleOf", rule: .multipleOfAdded)] }
        let rule: CompatibilityRule? = model.text(old).document.withView { oldView in
            model.text(new).document.withView { newView in
                let (before, after) = (oldView.number(oldItem), newView.number(newItem))
                guard let oldDivisor = JSONNumber.Divisor(before), let newDivisor = JSONNumber.Divisor(after) else { return nil }
                if before.isMultiple(of: newDivisor) { return nil }
                return after.isMultiple(of: oldDivisor) ? .multipleOfExpanded : .multipleOfChanged
            }
        }
        return rule.map { [Difference(path: "/multipleOf", rule: $0)] } ?? []
    }

    func compareConstants(_ old: Place, _ new: Place) -> [Difference] {
        guard let oldItem = model.value("const", old), let newItem = model.value("const", new) else { return [] }
        let isEqual = model.text(old).document.withView { oldView in
            model.text(new).document.withView { newView in JSONEquality.isEqual(oldView, oldItem, newView, newItem) }
        }
        return isEqual ? [] : [Difference(path: "/const", rule: .enumArrayChanged)]
    }

    func compareEnumerations(_ old: Place, _ new: Place) -> [Difference] {
        guard let oldItem = model.value("enum", old), let newItem = model.value("enum", new) else { return [] }
        let (oldText, newText) = (model.text(old), model.text(new))
        let (lost, gained) = oldText.document.withView { oldView in
            newText.document.withView { newView in
                let (before, after) = (oldText.elements(oldItem), newText.elements(newItem))
                return (Self.lacks(newView, after, oldView, before), Self.lacks(oldView, before, newView, after))
            }
        }
        guard lost else { return [] }
        return [Difference(path: "/enum", rule: gained ? .enumArrayChanged : .enumArrayNarrowed)]
    }

    /// Whether one of `values` is not among `others`.
    private static func lacks(_ others: JSONView, _ otherItems: [Int], _ view: JSONView, _ values: [Int]) -> Bool {
        var byHash: [Int: [Int]] = [:]
        for item in otherItems { byHash[JSONEquality.hash(others, item), default: []].append(item) }
        return values.contains { item in
            !(byHash[JSONEquality.hash(view, item)] ?? []).contains { JSONEquality.isEqual(others, $0, view, item) }
        }
    }

    func compareCodeLists(_ old: Place, _ new: Place) -> [Difference] {
        guard let before = namedCodes(old), let after = namedCodes(new), !before.isSubset(of: after) else { return [] }
        return [Difference(path: "/x-codelist", rule: .codeListNarrowed)]
    }

    private func namedCodes(_ place: Place) -> Set<String>? {
        guard let item = model.value("x-codelist", place), let name = CodeListName(model.text(place).string(item)) else { return nil }
        return codes(place, name)
    }
}

extension CompatibilityComparison {
    /// Whether an object may have members that its schema does not name.
    private enum Openness {
        case open
        /// Only what a schema allows.
        case partly(Int)
        case closed
    }

    mutating func compareObjects(_ old: Place, _ new: Place) -> [Difference] {
        var found = compareRequired(old, new)
        found += compareProperties(old, new)
        found += compareDependencies(old, new)
        found += compareAdditional(old, new, "additionalProperties", removed: .additionalPropertiesRemoved, narrowed: .additionalPropertiesNarrowed)
        found += compareUnevaluated(
            old, new, "unevaluatedProperties", removed: .unevaluatedPropertiesRemoved, narrowed: .unevaluatedPropertiesNarrowed)
        found += compareBound("maxProperties", .upper, old, new, added: .maxPropertiesAdded, moved: .maxPropertiesDecreased)
        found += compareBound("minProperties", .lower, old, new, added: .minPropertiesAdded, moved: .minPropertiesIncreased)
        return found
    }

    // MARK: properties

    /// The members of a keyword's object: key, its pointer token, and the value's item.
    private func members(_ keyword: String, _ place: Place) -> [(key: [UInt8], token: String, item: Int)] {
        guard let object = model.value(keyword, place) else { return [] }
        let text = model.text(place)
        guard text.kind(object) == .object else { return [] }
        return text.members(object).map { key, value in
            var pointer = JSONPointer()
            pointer.append(key: text.string(key))
            return (text.bytes(key), pointer.text, value)
        }
    }

    private func required(_ place: Place) -> Set<[UInt8]> {
        guard let array = model.value("required", place) else { return [] }
        let text = model.text(place)
        return Set(text.elements(array).map { text.bytes($0) })
    }

    private func hasDefault(_ item: Int, _ place: Place) -> Bool { model.text(place).member("default", of: item) != nil }

    private func compareRequired(_ old: Place, _ new: Place) -> [Difference] {
        let (before, after) = (required(old), required(new))
        let known = Set(members("properties", old).map(\.key))
        return members("properties", new).compactMap { key, token, item in
            guard known.contains(key), after.contains(key), !before.contains(key), !hasDefault(item, new) else { return nil }
            return Difference(path: "/required\(token)", rule: .requiredAttributeAdded)
        }
    }

    private mutating func compareProperties(_ old: Place, _ new: Place) -> [Difference] {
        let before = members("properties", old)
        let after = members("properties", new)
        let newItems = Dictionary(after.map { ($0.key, $0.item) }) { first, _ in first }
        let oldKeys = Set(before.map(\.key))
        let required = required(new)
        var found: [Difference] = []
        for (key, token, item) in before {
            let path = "/properties\(token)"
            let part = model.part(model.child(item, old))
            if let newItem = newItems[key] {
                found += compare(part, model.part(model.child(newItem, new)), at: path)
            } else {
                found += removed(part, key, new, path)
            }
        }
        for (key, token, item) in after where !oldKeys.contains(key) {
            found += added(item, key, isRequired: required.contains(key), old, new, "/properties\(token)")
        }
        return found
    }

    private mutating func removed(_ part: Int, _ key: [UInt8], _ new: Place, _ path: String) -> [Difference] {
        switch openness(new, key) {
        case .open: return []
        case .partly(let cover):
            let found = compare(part, cover, at: path)
            return found.isEmpty ? [] : found + [Difference(path: path, rule: .propertyRemovedNotCovered)]
        case .closed:
            return model.parts[part].kind == .never ? [] : [Difference(path: path, rule: .propertyRemovedFromClosedContentModel)]
        }
    }

    private mutating func added(_ item: Int, _ key: [UInt8], isRequired: Bool, _ old: Place, _ new: Place, _ path: String) -> [Difference] {
        let part = model.part(model.child(item, new))
        let hasDefault = hasDefault(item, new)
        switch openness(old, key) {
        case .open:
            if model.parts[part].kind == .empty { return [] }
            guard isRequired else { return [Difference(path: path, rule: .optionalPropertyAddedToOpenContentModel)] }
            return [
                Difference(
                    path: path,
                    rule: hasDefault ? .requiredPropertyWithDefaultAddedToOpenContentModel : .requiredPropertyAddedToOpenContentModel)
            ]
        case .partly(let cover):
            var found = compare(cover, part, at: path)
            if !found.isEmpty { found.append(Difference(path: path, rule: .propertyAddedNotCovered)) }
            return found + addedToUnopen(isRequired, hasDefault, path)
        case .closed: return addedToUnopen(isRequired, hasDefault, path)
        }
    }

    private func addedToUnopen(_ isRequired: Bool, _ hasDefault: Bool, _ path: String) -> [Difference] {
        isRequired && !hasDefault ? [Difference(path: path, rule: .requiredPropertyAddedToUnopenContentModel)] : []
    }

    private mutating func openness(_ place: Place, _ key: [UInt8]) -> Openness {
        let patterns = members("patternProperties", place)
        for (pattern, _, item) in patterns {
            let source = String(decoding: pattern, as: UTF8.self)
            if let compiled = try? Pattern(source, allowsBacktracking: true), key.withUnsafeBytes({ compiled.search(in: $0) == .found }) {
                return .partly(model.part(model.child(item, place)))
            }
        }
        switch state("additionalProperties", place) {
        case .never: return .closed
        case .schema(let part): return .partly(part)
        case .any: break
        }
        switch state("unevaluatedProperties", place) {
        case .never: return .closed
        case .schema(let part): return .partly(part)
        case .any: return patterns.isEmpty ? .open : .closed
        }
    }

    // MARK: what stands for the rest

    /// A keyword for all that others leave over.
    enum Rest {
        /// Absent, or true.
        case any
        case never
        case schema(Int)
    }

    mutating func state(_ keyword: String, _ place: Place) -> Rest {
        guard let item = model.value(keyword, place) else { return .any }
        switch model.text(place).kind(item) {
        case .yes: return .any
        case .no: return .never
        default:
            let part = model.part(model.child(item, place))
            return model.parts[part].kind == .empty ? .any : .schema(part)
        }
    }

    mutating func compareAdditional(
        _ old: Place, _ new: Place, _ keyword: String, removed: CompatibilityRule, narrowed: CompatibilityRule
    ) -> [Difference] {
        switch (state(keyword, old), state(keyword, new)) {
        case (_, .any), (.never, _): return []
        case (_, .never): return [Difference(path: "/\(keyword)", rule: removed)]
        case (.any, .schema): return [Difference(path: "/\(keyword)", rule: narrowed)]
        case (.schema(let before), .schema(let after)): return compare(before, after, at: "/\(keyword)")
        }
    }

    mutating func compareUnevaluated(
        _ old: Place, _ new: Place, _ keyword: String, removed: CompatibilityRule, narrowed: CompatibilityRule
    ) -> [Difference] {
        // A keyword of older drafts it is not.
        guard model.dialect(new).draft > .draft7 else { return [] }
        return compareAdditional(old, new, keyword, removed: removed, narrowed: narrowed)
    }

    // MARK: dependencies

    private mutating func compareDependencies(_ old: Place, _ new: Place) -> [Difference] {
        var found: [Difference] = []
        let oldNames = Dictionary(propertyDependencies(old).map { ($0.key, $0.names) }) { first, _ in first }
        for (key, token, names) in propertyDependencies(new) {
            let path = "/dependencies\(token)"
            guard let before = oldNames[key] else {
                found.append(Difference(path: path, rule: .dependencyArrayAdded))
                continue
            }
            if names.isSubset(of: before) { continue }
            found.append(Difference(path: path, rule: before.isSubset(of: names) ? .dependencyArrayExtended : .dependencyArrayChanged))
        }
        let oldSchemas = Dictionary(schemaDependencies(old).map { ($0.key, $0.item) }) { first, _ in first }
        for (key, token, item) in schemaDependencies(new) {
            let path = "/dependencies\(token)"
            guard let before = oldSchemas[key] else {
                found.append(Difference(path: path, rule: .dependencySchemaAdded))
                continue
            }
            found += compare(model.part(model.child(before, old)), model.part(model.child(item, new)), at: path)
        }
        return found
    }

    private func propertyDependencies(_ place: Place) -> [(key: [UInt8], token: String, names: Set<[UInt8]>)] {
        let text = model.text(place)
        return (members("dependentRequired", place) + members("dependencies", place)).compactMap { key, token, item in
            guard text.kind(item) == .array else { return nil }
            return (key, token, Set(text.elements(item).map { text.bytes($0) }))
        }
    }

    private func schemaDependencies(_ place: Place) -> [(key: [UInt8], token: String, item: Int)] {
        let text = model.text(place)
        return (members("dependentSchemas", place) + members("dependencies", place)).filter { text.kind($0.item) != .array }
    }
}

import Yams

/// Reads the parties of one agreement.
struct PartyReader {
    var yaml: YAMLReader
    /// The words that only some versions enforce, each where it first stands.
    private(set) var guardedWords: [(word: UnenforcedWord, node: Node)] = []

    init(yaml: YAMLReader) { self.yaml = yaml }

    mutating func read(_ node: Node) -> PartyRule? {
        let words = ["node", "may", "deny", "purpose", "fields", "where", "groups", "delegate"]
        guard let fields = yaml.mapping(node, "a party", keys: words) else { return nil }
        let pattern = readNodePattern(fields["node"], in: node)
        let may = fields["may"].map { readRights($0, "may") } ?? []
        let deny = fields["deny"].map { readRights($0, "deny") } ?? []
        if fields["may"] == nil && fields["deny"] == nil { yaml.report("a party has no “may”", at: node) }
        for right in may.intersection(deny).sorted() {
            yaml.report("“\(right.rawValue)” is both allowed and denied to one party", at: node)
        }
        let purposes = fields["purpose"].map { readPurposes($0) } ?? []
        let grant = fields["fields"].flatMap { readFields($0) }
        let rows = fields["where"].map { readRows($0) } ?? [:]
        let groups = fields["groups"].map { readGroups($0) } ?? []
        if fields["may"] != nil || fields["deny"] != nil, may.isDisjoint(with: [.subscribe, .replay]) {
            for word in ["groups", "purpose", "fields", "where"] {
                if let node = fields[word] { yaml.report("\(word) is of use only to a party that may subscribe or replay", at: node) }
            }
        }
        let isDelegable = fields["delegate"].map { readDelegate($0, pattern, may) } ?? false
        for (key, word) in [("fields", UnenforcedWord.fields), ("where", .where)] {
            if let node = fields[key] { note(word, at: node) }
        }
        guard let pattern else { return nil }
        return PartyRule(
            node: pattern, may: may, deny: deny, purposes: purposes, fields: grant, rows: rows, groups: groups,
            isDelegable: isDelegable)
    }

    private mutating func readDelegate(_ node: Node, _ pattern: NodePattern?, _ may: Set<Right>) -> Bool {
        guard let text = yaml.text(node, "delegate", bytesMax: 64) else { return false }
        guard text == "true" || text == "false" else {
            yaml.report("delegate is true or false", at: node)
            return false
        }
        guard text == "true" else { return false }
        if let pattern, pattern.agency == nil { yaml.report("delegate needs a party of one agency, which hands on to its own nodes", at: node) }
        if may.isEmpty { yaml.report("delegate is of use only to a party that may something", at: node) }
        return true
    }

    private mutating func note(_ word: UnenforcedWord?, at node: Node) {
        guard let word, !guardedWords.contains(where: { $0.word == word }) else { return }
        guardedWords.append((word, node))
    }

    private mutating func readNodePattern(_ node: Node?, in party: Node) -> NodePattern? {
        guard let node else {
            yaml.report("a party has no “node”", at: party)
            return nil
        }
        guard let text = yaml.text(node, "node", bytesMax: 256) else { return nil }
        do {
            return try NodePattern(text)
        } catch {
            yaml.report("\(error)", at: node)
            return nil
        }
    }

    private mutating func readRights(_ node: Node, _ word: String) -> Set<Right> {
        var rights: Set<Right> = []
        for (item, text) in yaml.texts(node, word, bytesMax: 64) {
            guard let right = Right(rawValue: text) else {
                let known = Right.allCases.map(\.rawValue).joined(separator: ", ")
                yaml.report("unknown right “\(text)”; there are \(known)", at: item)
                continue
            }
            note(UnenforcedWord(right), at: item)
            rights.insert(right)
        }
        if case .sequence(let items) = node, items.isEmpty { yaml.report("\(word) is empty", at: node) }
        return rights
    }

    private mutating func readPurposes(_ node: Node) -> [String] {
        let items = yaml.texts(node, "purpose", bytesMax: AgreementsLimits.purposeBytesMax)
        if case .sequence(let sequence) = node, sequence.isEmpty { yaml.report("purpose is empty", at: node) }
        return items.compactMap { item, text in
            guard Purpose.isID(text) else {
                yaml.report("purpose “\(text)” has other characters than a-z, 0-9 and '-'", at: item)
                return nil
            }
            return text
        }
    }

    private mutating func readFields(_ node: Node) -> FieldGrant? {
        guard let parts = yaml.mapping(node, "fields", keys: ["allow", "mask"]) else { return nil }
        let allow = parts["allow"].map { node in
            yaml.texts(node, "fields.allow", bytesMax: AgreementsLimits.fieldNameBytesMax).map(\.text)
        }
        var masks: [String: FieldGrant.Mask] = [:]
        for (key, _, value) in parts["mask"].flatMap({ yaml.entries($0, "fields.mask") }) ?? [] {
            guard let name = readFieldName(key), let text = yaml.text(value, "a mask", bytesMax: 64) else { continue }
            guard let mask = FieldGrant.Mask(rawValue: text) else {
                let known = FieldGrant.Mask.allCases.map(\.rawValue).joined(separator: ", ")
                yaml.report("unknown mask “\(text.shortened)”; there are \(known)", at: value)
                continue
            }
            if let allow, !allow.contains(where: { name.isField(inside: $0) }) {
                yaml.report("field “\(name.shortened)” is masked and not among the allowed ones", at: key)
            }
            masks[name] = mask
        }
        if parts.isEmpty { yaml.report("fields is empty; write allow, mask or both", at: node) }
        return FieldGrant(allow: allow, mask: masks)
    }

    private mutating func readRows(_ node: Node) -> [String: [String]] {
        var rows: [String: [String]] = [:]
        let entries = yaml.entries(node, "where") ?? []
        if case .mapping = node, entries.isEmpty { yaml.report("where is empty", at: node) }
        for (key, _, value) in entries {
            guard let name = readFieldName(key) else { continue }
            // One value may stand without its list.
            if case .scalar = value {
                rows[name] = yaml.text(value, "a value of where", bytesMax: AgreementsLimits.valueBytesMax, isName: false).map { [$0] }
            } else {
                rows[name] = yaml.texts(value, "where.\(name.shortened)", bytesMax: AgreementsLimits.valueBytesMax, areNames: false).map(\.text)
            }
        }
        return rows
    }

    /// A field's name that only looks like one of the schema's would mask nothing, so it is a name as others are; Vietnamese is welcome.
    private mutating func readFieldName(_ node: Node) -> String? {
        yaml.text(node, "a field's name", bytesMax: AgreementsLimits.fieldNameBytesMax)
    }

    private mutating func readGroups(_ node: Node) -> [GroupPattern] {
        yaml.texts(node, "groups", bytesMax: GroupPattern.bytesMax + 1).compactMap { item, text in
            do {
                return try GroupPattern(text)
            } catch {
                yaml.report("\(error)", at: item)
                return nil
            }
        }
    }
}

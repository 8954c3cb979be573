import Yams

/// Reads the nodes of one agreements file into agreements.
struct AgreementsReader {
    private var yaml: YAMLReader
    private var zone = CivilZone(CivilZone.defaultName)
    private(set) var agreements: [Agreement] = []
    private(set) var places: [AgreementsFile.Place] = []
    private(set) var partyPlaces: [[AgreementsFile.Place]] = []
    private(set) var guardedWords: [AgreementsFile.GuardedUse] = []
    private var ids: Set<String> = []

    init(file: String) { yaml = YAMLReader(file: file) }

    var problems: [AgreementsProblem] { yaml.problems }

    mutating func readRoot(_ root: Node) {
        guard let fields = yaml.mapping(root, "the file", keys: ["agreements", "timeZone"]) else { return }
        if let node = fields["timeZone"] { zone = readZone(node) }
        guard let node = fields["agreements"] else {
            return yaml.report("the file has no “agreements”", at: root)
        }
        guard let list = yaml.list(node, "agreements", countMax: AgreementsLimits.agreementsMax) else { return }
        for item in list where !yaml.isFull { readAgreement(item) }
    }

    private mutating func readZone(_ node: Node) -> CivilZone? {
        guard let text = yaml.text(node, "timeZone", bytesMax: 64) else { return nil }
        guard let zone = CivilZone(text) else {
            yaml.report("“\(text)” is not a time zone; write a name such as Asia/Ho_Chi_Minh, UTC or an offset as +07:00", at: node)
            return nil
        }
        return zone
    }

    private mutating func readAgreement(_ node: Node) {
        let words = ["id", "topic", "owner", "parties", "legalBasis", "from", "until", "timeZone", "signedBy", "delegates", "agency"]
        guard let fields = yaml.mapping(node, "an agreement", keys: words) else { return }
        let isDelegation = fields["delegates"] != nil
        for word in ["id", "topic", isDelegation ? "agency" : "owner", "parties"] where fields[word] == nil {
            yaml.report("an agreement has no “\(word)”", at: node)
        }
        let problemsBefore = yaml.problems.count
        if let stray = fields[isDelegation ? "owner" : "agency"] {
            yaml.report("a delegation (“delegates”) names its “agency”, every other agreement the records' “owner”", at: stray)
        }
        let id = fields["id"].flatMap { readID($0, "id") }
        if let id, let node = fields["id"], !ids.insert(id).inserted {
            yaml.report("there is an agreement with id “\(id)” already", at: node)
        }
        let source = fields["delegates"].flatMap { readID($0, "delegates") }
        let topic = fields["topic"].flatMap { readTopic($0) }
        let owner = isDelegation ? fields["agency"].flatMap { readOwner($0, "agency") } : fields["owner"].flatMap { readOwner($0, "owner") }
        let legalBasis = fields["legalBasis"].flatMap {
            yaml.text($0, "legalBasis", bytesMax: AgreementsLimits.valueBytesMax, isName: false)
        }
        let term = readTerm(fields)
        let signers = fields["signedBy"].map { readSigners($0) } ?? []
        let parties = fields["parties"].map { readParties($0, of: id ?? "?") } ?? []
        if isDelegation, let owner, let node = fields["parties"] { checkDelegation(parties, at: node, agency: owner) }
        guard let id, let topic, let owner, yaml.problems.count == problemsBefore else { return }
        agreements.append(
            Agreement(
                id: id, topic: topic, owner: owner, parties: parties, legalBasis: legalBasis, term: term, signedBy: signers,
                delegates: source))
        places.append(place(node))
        partyPlaces.append((fields["parties"]?.sequence ?? []).map(place))
    }

    private mutating func readID(_ node: Node, _ word: String) -> String? {
        guard let id = yaml.text(node, word, bytesMax: AgreementsLimits.idBytesMax) else { return nil }
        guard id.utf8.allSatisfy(TopicPattern.isNameByte), !id.hasPrefix(".") else {
            yaml.report("id “\(id)” has other characters than letters, digits, '.', '_' and '-', or begins with '.'", at: node)
            return nil
        }
        return id
    }

    /// An agency hands on to its own nodes alone, once, and takes nothing from anybody by it.
    private mutating func checkDelegation(_ parties: [PartyRule], at node: Node, agency: String) {
        // A party that could not be read was told about, and then the places are others.
        let places = node.sequence.map(Array.init).flatMap { $0.count == parties.count ? $0 : nil }
        for (index, party) in parties.enumerated() {
            let place = places?[index] ?? node
            if party.node.agency != agency {
                yaml.report("a delegation goes to nodes of its own agency, \(agency)/…, and to no others", at: place)
            }
            if !party.deny.isEmpty { yaml.report("a delegation denies nothing", at: place) }
            if party.isDelegable { yaml.report("what was handed on is not handed on again", at: place) }
        }
    }

    private mutating func readTopic(_ node: Node) -> TopicPattern? {
        guard let text = yaml.text(node, "topic", bytesMax: TopicPattern.nameBytesMax + 1) else { return nil }
        do {
            return try TopicPattern(text)
        } catch {
            yaml.report("\(error)", at: node)
            return nil
        }
    }

    private mutating func readOwner(_ node: Node, _ word: String) -> String? {
        guard let owner = yaml.text(node, word, bytesMax: NodeIdentity.componentBytesMax) else { return nil }
        guard NodeIdentity.isComponent(owner) else {
            yaml.report("\(word) “\(owner)” is not an agency: a-z, 0-9, '.', '_' and '-'", at: node)
            return nil
        }
        return owner
    }

    private mutating func readSigners(_ node: Node) -> [String] {
        yaml.texts(node, "signedBy", bytesMax: 256).compactMap { item, text in
            guard let pattern = try? NodePattern(text), pattern.agency != nil, pattern.unit != nil, pattern.node != nil else {
                yaml.report("“\(text)” in signedBy is not one node, agency/unit/node", at: item)
                return nil
            }
            return text
        }
    }

    private mutating func readTerm(_ fields: [String: Node]) -> Term {
        let outerZone = zone
        let zone = fields["timeZone"].map { readZone($0) } ?? outerZone
        let from = fields["from"].flatMap { readBound($0, "from", zone: zone) }
        let until = fields["until"].flatMap { readBound($0, "until", zone: zone) }
        if let node = fields["until"], let from, let until, until.afterLast <= from.first {
            yaml.report("until (\(until.text)) is before from (\(from.text)): the agreement would never be in force", at: node)
        }
        return Term(
            start: from?.first ?? .min, end: until?.afterLast ?? .max, fromText: from?.text, untilText: until?.text)
    }

    private mutating func readBound(_ node: Node, _ word: String, zone: CivilZone?) -> TermBound? {
        guard let text = yaml.text(node, word, bytesMax: 64), let zone else { return nil }
        guard let bound = TermBound(text, zone: zone) else {
            yaml.report(
                "\(word) “\(text)” is not a date: write 2026-12-31, or a moment as 2026-12-31T17:00:00+07:00", at: node)
            return nil
        }
        return bound
    }

    private mutating func readParties(_ node: Node, of id: String) -> [PartyRule] {
        guard let items = yaml.list(node, "parties", countMax: AgreementsLimits.partiesMax) else { return [] }
        if items.isEmpty { yaml.report("parties is empty: nobody would be party to the agreement", at: node) }
        var reader = PartyReader(yaml: yaml)
        let parties = items.compactMap { reader.read($0) }
        yaml = reader.yaml
        for (word, node) in reader.guardedWords {
            guardedWords.append(AgreementsFile.GuardedUse(word: word, agreement: id, place: place(node)))
        }
        return parties
    }

    private func place(_ node: Node) -> AgreementsFile.Place {
        AgreementsFile.Place(line: node.mark?.line ?? 0, column: node.mark?.column ?? 0)
    }
}

import Yams

/// An agreements file, parsed: the whole grammar of INTERFACES.md, "Agreements".
public struct AgreementsFile: Sendable {
    public let name: String
    public let agreements: [Agreement]
    /// Where each agreement begins: the same indices as `agreements`.
    public let places: [Place]
    /// Where each party of each agreement begins: the same indices as `agreements` and their `parties`.
    public let partyPlaces: [[Place]]
    /// Words used that this version does not enforce yet, each where it first stands in its agreement.
    public let unenforcedWords: [UnenforcedUse]

    public struct Place: Hashable, Sendable {
        public let line: Int
        public let column: Int
    }

    public struct UnenforcedUse: Hashable, Sendable {
        public let word: UnenforcedWord
        public let agreement: String
        public let place: Place
    }

    /// - Parameters:
    ///   - yaml: the file's text, at most ``AgreementsLimits/fileBytesMax`` bytes.
    ///   - name: shown in problems.
    /// - Throws: every mistake of the file; nothing of a file with a mistake is usable.
    public static func parse(yaml: String, name: String) throws(AgreementsError) -> AgreementsFile {
        func whole(_ message: String) -> AgreementsError {
            AgreementsError([AgreementsProblem(file: name, line: 0, column: 0, message: message)])
        }
        guard yaml.utf8.count <= AgreementsLimits.fileBytesMax else {
            throw whole("has \(yaml.utf8.count) bytes; an agreements file has at most \(AgreementsLimits.fileBytesMax)")
        }
        guard !mayExpandAliases(yaml) else {
            throw whole("uses YAML anchors and aliases (&name, *name); write the words out, or quote the text they stand in")
        }
        let root: Node?
        do {
            root = try Parser(yaml: yaml, resolver: .basic, encoding: .utf8).singleRoot()
        } catch {
            throw AgreementsError([AgreementsProblem(yaml: error, file: name)])
        }
        guard let root else { return AgreementsFile(name: name, agreements: [], places: [], partyPlaces: [], unenforcedWords: []) }
        var reader = AgreementsReader(file: name)
        reader.readRoot(root)
        guard reader.problems.isEmpty else { throw AgreementsError(reader.problems) }
        return AgreementsFile(
            name: name, agreements: reader.agreements, places: reader.places, partyPlaces: reader.partyPlaces,
            unenforcedWords: reader.unenforcedWords)
    }

    /// Aliases let a small file stand for an exponentially large tree, which the YAML parser would walk to compare mapping keys,
    /// before we see a node. So a text that could hold both an anchor and an alias is refused before it is parsed. Bytes above
    /// ASCII count as spaces: YAML has line breaks among them.
    private static func mayExpandAliases(_ yaml: String) -> Bool {
        var anchor = false
        var alias = false
        var previous = UInt8(ascii: "\n")
        var marker: UInt8 = 0
        for byte in yaml.utf8 {
            let isNameByte = byte > 0x20 && byte != UInt8(ascii: ",") && byte != UInt8(ascii: "]") && byte != UInt8(ascii: "}")
            if marker == UInt8(ascii: "&") && isNameByte { anchor = true }
            if marker == UInt8(ascii: "*") && isNameByte { alias = true }
            let startsToken =
                previous <= 0x20 || previous >= 0x80
                || [UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "?")].contains(previous)
            marker = startsToken && (byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*")) ? byte : 0
            previous = byte
        }
        return anchor && alias
    }

    /// - Throws: the words that this version does not enforce, each with its place.
    public func refuseUnenforcedWords() throws(AgreementsError) {
        let problems = unenforcedWords.map { use in
            AgreementsProblem(
                file: name, line: use.place.line, column: use.place.column,
                message: "agreement \(use.agreement) uses “\(use.word.rawValue)”, "
                    + "which this version of Hanbridge does not enforce yet and therefore refuses; leave it out")
        }
        guard problems.isEmpty else { throw AgreementsError(problems) }
    }
}

extension AgreementsProblem {
    /// What the YAML parser says, with the place that it gives.
    init(yaml error: any Error, file: String) {
        guard let error = error as? YamlError else {
            self.init(file: file, line: 0, column: 0, message: "cannot be read as YAML: \(error)")
            return
        }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            self.init(file: file, line: mark.line, column: mark.column, message: "is not YAML here: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "“\($0)”" }.joined(separator: ", ")
            self.init(
                file: file, line: context.mark.line, column: context.mark.column,
                message: "\(names) stands more than once in one mapping")
        case .reader(let problem, let offset, _, _):
            let place = offset.map { " at byte \($0)" } ?? ""
            self.init(file: file, line: 0, column: 0, message: "is not text\(place): \(problem)")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            self.init(file: file, line: 0, column: 0, message: "cannot be read as YAML")
        }
    }
}

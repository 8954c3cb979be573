import Yams

/// An agreements file, parsed: the whole grammar of INTERFACES.md, "Agreements".
public struct AgreementsFile: Sendable {
    public let name: String
    public let agreements: [Agreement]
    /// Where each agreement begins: the same indices as `agreements`.
    public let places: [Place]
    /// Where each party of each agreement begins: the same indices as `agreements` and their `parties`.
    public let partyPlaces: [[Place]]
    /// Words used that only some versions enforce, each where it first stands in its agreement's party.
    public let guardedWords: [GuardedUse]

    public struct Place: Hashable, Sendable {
        public let line: Int
        public let column: Int
    }

    public struct GuardedUse: Hashable, Sendable {
        public let word: UnenforcedWord
        public let agreement: String
        public let place: Place
    }

    /// - Parameters:
    ///   - yaml: the file's text, at most ``AgreementsLimits/fileBytesMax`` bytes.
    ///   - name: shown in problems.
    /// - Throws: every mistake of the file; nothing of a file with a mistake is usable.
    public static func parse(yaml: String, name: String) throws(AgreementsError) -> AgreementsFile {
        let root = try YAMLReader.root(of: yaml, file: name, bytesMax: AgreementsLimits.fileBytesMax)
        guard let root else { return AgreementsFile(name: name, agreements: [], places: [], partyPlaces: [], guardedWords: []) }
        var reader = AgreementsReader(file: name)
        reader.readRoot(root)
        guard reader.problems.isEmpty else { throw AgreementsError(reader.problems) }
        return AgreementsFile(
            name: name, agreements: reader.agreements, places: reader.places, partyPlaces: reader.partyPlaces,
            guardedWords: reader.guardedWords)
    }

    /// - Throws: the words that this version does not enforce, each with its place.
    public func refuseUnenforcedWords(_ refused: Set<UnenforcedWord> = UnenforcedWord.refused) throws(AgreementsError) {
        let problems = guardedWords.filter { refused.contains($0.word) }.map { use in
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

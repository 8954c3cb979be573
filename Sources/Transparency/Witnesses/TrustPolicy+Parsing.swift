extension TrustPolicy {
    /// Reads a policy file.
    /// - Throws: with the place of the line, where C2SP tlog-policy would not have it.
    public init(_ file: [UInt8]) throws(FormatFault) {
        guard file.count <= TransparencyLimits.policyBytesMax else { throw FormatFault(.tooLong, at: TransparencyLimits.policyBytesMax) }
        var reading = PolicyReading()
        var lines = TextLines(file)
        while !lines.isAtEnd { try reading.take(try lines.next()) }
        guard let quorum = reading.quorum else { throw FormatFault(.missingQuorum, at: file.count) }
        self.init(logs: reading.logs, witnesses: reading.witnesses, groups: reading.groups, quorum: quorum)
    }
}

/// A policy file read up to some line.
private struct PolicyReading {
    private(set) var logs: [VerifierKey] = []
    private(set) var witnesses: [TrustPolicy.Witness] = []
    private(set) var groups: [TrustPolicy.Group] = []
    private(set) var quorum: TrustPolicy.Quorum?
    private var names: Set<TrustPolicy.Name> = []
    private var members: Set<TrustPolicy.Name> = []

    private static let none = Array("none".utf8)

    mutating func take(_ line: ArraySlice<UInt8>) throws(FormatFault) {
        if let control = line.firstIndex(where: { $0 < 0x20 && $0 != UInt8(ascii: "\t") || $0 == 0x7F }) {
            throw FormatFault(.controlCharacter, at: control)
        }
        let items = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard let word = items.first, word.first != UInt8(ascii: "#") else { return }
        let arguments = items.dropFirst().map { $0 }
        switch String(decoding: word, as: UTF8.self) {
        case "log": try takeLog(arguments, at: word.startIndex)
        case "witness": try takeWitness(arguments, at: word.startIndex)
        case "group": try takeGroup(arguments, at: word.startIndex)
        case "quorum": try takeQuorum(arguments, at: word.startIndex)
        default: throw FormatFault(.malformedLine, at: word.startIndex)
        }
    }

    private mutating func takeLog(_ arguments: [ArraySlice<UInt8>], at place: Int) throws(FormatFault) {
        guard (1...2).contains(arguments.count) else { throw FormatFault(.malformedLine, at: place) }
        guard logs.count < TransparencyLimits.policyNamesMax else { throw FormatFault(.tooMany, at: place) }
        let key = try Self.key(arguments[0], of: .ed25519)
        guard !logs.contains(where: { $0.publicKey == key.publicKey }) else { throw FormatFault(.duplicateKey, at: place) }
        logs.append(key)
    }

    private mutating func takeWitness(_ arguments: [ArraySlice<UInt8>], at place: Int) throws(FormatFault) {
        guard (2...3).contains(arguments.count) else { throw FormatFault(.malformedLine, at: place) }
        guard witnesses.count < TransparencyLimits.policyNamesMax else { throw FormatFault(.tooMany, at: place) }
        let name = try define(arguments[0])
        let key = try Self.key(arguments[1], of: .cosignature)
        guard !witnesses.contains(where: { $0.key.publicKey == key.publicKey }) else { throw FormatFault(.duplicateKey, at: place) }
        witnesses.append(TrustPolicy.Witness(name: name, key: key, url: arguments.count == 3 ? Array(arguments[2]) : nil))
    }

    private mutating func takeGroup(_ arguments: [ArraySlice<UInt8>], at place: Int) throws(FormatFault) {
        guard arguments.count >= 3 else { throw FormatFault(.malformedLine, at: place) }
        guard groups.count < TransparencyLimits.policyNamesMax else { throw FormatFault(.tooMany, at: place) }
        let listed = arguments[2...]
        for member in listed {
            guard names.contains(Array(member)) else { throw FormatFault(.undefinedName, at: member.startIndex) }
            guard members.insert(Array(member)).inserted else { throw FormatFault(.usedTwice, at: member.startIndex) }
        }
        let threshold: Int64?
        switch String(decoding: arguments[1], as: UTF8.self) {
        case "any": threshold = 1
        case "all": threshold = Int64(listed.count)
        default: threshold = Decimal.decode(arguments[1])
        }
        guard let threshold, threshold >= 1, threshold <= Int64(listed.count) else {
            throw FormatFault(.threshold, at: arguments[1].startIndex)
        }
        let name = try define(arguments[0])
        groups.append(TrustPolicy.Group(name: name, threshold: Int(threshold), members: listed.map(Array.init)))
    }

    private mutating func takeQuorum(_ arguments: [ArraySlice<UInt8>], at place: Int) throws(FormatFault) {
        guard arguments.count == 1 else { throw FormatFault(.malformedLine, at: place) }
        guard quorum == nil else { throw FormatFault(.missingQuorum, at: place) }
        let name = Array(arguments[0])
        if name == Self.none {
            quorum = TrustPolicy.Quorum.none
        } else {
            guard names.contains(name) else { throw FormatFault(.undefinedName, at: arguments[0].startIndex) }
            quorum = .member(name)
        }
    }

    private mutating func define(_ name: ArraySlice<UInt8>) throws(FormatFault) -> TrustPolicy.Name {
        guard name.count <= TransparencyLimits.nameBytesMax else { throw FormatFault(.tooLong, at: name.startIndex) }
        let name = (name.startIndex, Array(name))
        guard name.1 != Self.none, names.insert(name.1).inserted else { throw FormatFault(.duplicateName, at: name.0) }
        return name.1
    }

    private static func key(_ text: ArraySlice<UInt8>, of type: VerifierKey.SignatureType) throws(FormatFault) -> VerifierKey {
        do throws(FormatFault) {
            let key = try VerifierKey(vkey: text)
            guard key.type == type else { throw FormatFault(.unknownKeyType, at: 0) }
            return key
        } catch {
            throw error.moved(by: text.startIndex)
        }
    }
}

/// Reads ECMA-262 patterns in Unicode mode, as JSON Schema wants them. Beyond that mode it takes what patterns in the field have and what can
/// mean one thing only: `\-` and other escaped punctuation, and a bare `]`, `{` or `}`.
struct RegexParser {
    let scalars: [Unicode.Scalar]
    var position = 0
    private var depth = 0
    private var captureNames: [String: Int] = [:]
    private var captureCount = 0
    /// Back-references by number, judged at the end: they may stand before their group.
    private var references: [(position: Int, number: Int)] = []

    private init(_ pattern: String) { self.scalars = Array(pattern.unicodeScalars) }

    static func parse(_ pattern: String) throws(PatternError) -> (node: RegexNode, captures: Int) {
        guard pattern.utf8.count <= RegexLimits.patternBytesMax else {
            throw PatternError(position: 0, message: "a pattern has at most \(RegexLimits.patternBytesMax) bytes")
        }
        var parser = RegexParser(pattern)
        parser.captureNames = try parser.namedCaptures()
        let node = try parser.alternatives()
        guard parser.position == parser.scalars.count else { throw parser.error("this ) closes no group") }
        for reference in parser.references where reference.number > parser.captureCount {
            throw PatternError(position: reference.position, message: "there is no group \(reference.number)")
        }
        return (node, parser.captureCount)
    }

    func error(_ message: String) -> PatternError { PatternError(position: min(position, scalars.count), message: message) }

    var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private mutating func alternatives() throws(PatternError) -> RegexNode {
        var found = [try sequence()]
        while take("|") { found.append(try sequence()) }
        return found.count == 1 ? found[0] : .alternatives(found)
    }

    private mutating func sequence() throws(PatternError) -> RegexNode {
        var found: [RegexNode] = []
        while let scalar = next, scalar != "|", scalar != ")" { found.append(try term()) }
        return found.count == 1 ? found[0] : found.isEmpty ? .empty : .sequence(found)
    }

    private mutating func term() throws(PatternError) -> RegexNode {
        let start = position
        let atom = try self.atom()
        guard let (min, max) = try quantifier() else { return atom }
        switch atom {
        case .startOfText, .endOfText, .wordBoundary, .look:
            throw PatternError(position: start, message: "an assertion cannot be repeated")
        default:
            let isGreedy = !take("?")
            return .repetition(atom, min: min, max: max, isGreedy: isGreedy)
        }
    }

    private mutating func quantifier() throws(PatternError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = position
        guard take("{"), let min = try count() else {
            position = start
            return nil
        }
        if take("}") { return (min, min) }
        guard take(",") else {
            position = start
            return nil
        }
        if take("}") { return (min, nil) }
        guard let max = try count(), take("}") else {
            position = start
            return nil
        }
        guard min <= max else { throw PatternError(position: start, message: "the bounds of this repetition are out of order") }
        return (min, max)
    }

    private mutating func count() throws(PatternError) -> Int? {
        var value: Int?
        while let digit = next?.value, (0x30...0x39).contains(digit) {
            position += 1
            value = (value ?? 0) * 10 + Int(digit - 0x30)
            guard value ?? 0 <= RegexLimits.instructionsMax else { throw error("this repetition is too long") }
        }
        return value
    }

    private mutating func atom() throws(PatternError) -> RegexNode {
        guard let scalar = next else { throw error("the pattern ends too early") }
        position += 1
        switch scalar {
        case "^": return .startOfText
        case "$": return .endOfText
        case ".": return .scalars(ScalarSet.lineTerminators.inverted)
        case "(": return try group()
        case "[": return .scalars(try characterClass())
        case "\\": return try escape()
        case "*", "+", "?":
            position -= 1
            throw error("there is nothing here to repeat")
        default: return .scalars(ScalarSet(scalar))
        }
    }

    private mutating func group() throws(PatternError) -> RegexNode {
        let start = position - 1
        depth += 1
        defer { depth -= 1 }
        guard depth <= RegexLimits.depthMax else { throw error("groups stand at most \(RegexLimits.depthMax) deep in one another") }
        let make: (RegexNode) -> RegexNode
        if take("?:") {
            // An assertion in a group may be repeated, bare it may not: the group stays visible.
            make = { .sequence([$0]) }
        } else if take("?=") {
            make = { .look($0, isBehind: false, isNegated: false) }
        } else if take("?!") {
            make = { .look($0, isBehind: false, isNegated: true) }
        } else if take("?<=") {
            make = { .look($0, isBehind: true, isNegated: false) }
        } else if take("?<!") {
            make = { .look($0, isBehind: true, isNegated: true) }
        } else if next == "?" {
            guard take("?<") else { throw error("this kind of group is not known") }
            _ = try name()
            make = capture()
        } else {
            make = capture()
        }
        let inner = try alternatives()
        guard take(")") else { throw PatternError(position: start, message: "the group that begins here is not closed") }
        return make(inner)
    }

    private mutating func capture() -> (RegexNode) -> RegexNode {
        captureCount += 1
        let index = captureCount
        return { .capture($0, index: index) }
    }

    /// A group's name up to and with its `>`.
    private mutating func name() throws(PatternError) -> String {
        var name = String.UnicodeScalarView()
        while let scalar = next, scalar != ">" {
            let isFirst = name.isEmpty
            let fits = scalar == "$" || scalar == "_" || (isFirst ? scalar.properties.isIDStart : scalar.properties.isIDContinue)
            guard fits else { throw error("a group's name is an identifier") }
            name.append(scalar)
            position += 1
        }
        guard !name.isEmpty, take(">") else { throw error("a group's name is not closed") }
        return String(name)
    }

    /// The numbers of named groups, before anything is read: `\k<name>` may stand before its group.
    private func namedCaptures() throws(PatternError) -> [String: Int] {
        var ahead = self
        var names: [String: Int] = [:]
        var count = 0
        var isInClass = false
        while let scalar = ahead.next {
            ahead.position += 1
            switch scalar {
            case "\\": ahead.position += 1
            case "[": isInClass = true
            case "]": isInClass = false
            case "(" where !isInClass:
                if ahead.next != "?" {
                    count += 1
                } else if ahead.take("?<"), ahead.next != "=", ahead.next != "!" {
                    count += 1
                    let name = try ahead.name()
                    guard names.updateValue(count, forKey: name) == nil else { throw ahead.error("two groups have this name") }
                }
            default: break
            }
        }
        return names
    }

    mutating func backReference(number: Int, at start: Int) -> RegexNode {
        references.append((start, number))
        return .backReference(number)
    }

    mutating func backReferenceByName(at start: Int) throws(PatternError) -> RegexNode {
        guard take("<") else { throw error("\\k is followed by a group's name in < >") }
        let name = try name()
        guard let number = captureNames[name] else { throw PatternError(position: start, message: "there is no group of this name") }
        return .backReference(number)
    }
}

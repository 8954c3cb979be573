/// One pass over a document. Each `walk` begins at the first byte of a value and ends behind it.
///
/// A value is first walked by its node, which reads all of it and so proves its syntax; what applies another schema to the same value
/// walks its bytes again, without another look at UTF-8 and at keys that stand twice. False means refused or undecided; `isUndecided`
/// tells which, for `not` and its like.
struct FastWalk {
    let program: FastProgram
    let nodes: UnsafeMutablePointer<FastNode>
    let keys: UnsafeMutablePointer<FastKey>
    let bytes: UnsafeMutablePointer<UInt8>
    var cursor: JSONCursor
    /// A stack of texts kept for comparison; its owner is `FastProgram.accepts`.
    let held: UnsafeMutablePointer<FastText>
    var heldCount = 0
    var depth = 0
    var againLeft: Int
    /// Walks of values again inside of each other.
    var againDepth = 0
    var isUndecided = false
    /// Of the string that was walked last.
    var lastHadEscapes = false
    /// The bracket of an array or object was found where its elements end.
    var isClosed = false

    init(_ program: FastProgram, _ cursor: JSONCursor, _ held: UnsafeMutablePointer<FastText>, bytes count: Int) {
        self.program = program
        nodes = program.nodes
        keys = program.keys
        bytes = program.bytes
        self.cursor = cursor
        self.held = held
        againLeft = FastLimits.againBytes + FastLimits.againPerByte * count
    }

    mutating func run() -> Bool {
        cursor.skipWhitespace()
        guard walk(FastProgramBuilder.root), !isUndecided else { return false }
        cursor.skipWhitespace()
        return cursor.at == cursor.end
    }

    mutating func undecided() -> Bool {
        isUndecided = true
        return false
    }

    mutating func walk(_ index: Int32) -> Bool {
        let node = nodes + Int(index)
        let first = cursor.at
        switch cursor.byte {
        case 0x22:
            guard node.pointee.types.contains(.string), walkString(node) else { return false }
        case 0x7B:
            guard node.pointee.types.contains(.object) else { return false }
            return walkObject(node)
        case 0x5B:
            guard node.pointee.types.contains(.array), walkArray(node) else { return false }
        case 0x74:
            guard node.pointee.types.contains(.boolean), cursor.skipWord("true") else { return false }
        case 0x66:
            guard node.pointee.types.contains(.boolean), cursor.skipWord("false") else { return false }
        case 0x6E:
            guard node.pointee.types.contains(.null), cursor.skipWord("null") else { return false }
        default:
            guard walkNumber(node) else { return false }
        }
        return node.pointee.steps.count == 0 || again(node, first, seen: 0, isArray: first.pointee == 0x5B)
    }

    // MARK: strings

    @inline(__always) private mutating func walkString(_ node: UnsafeMutablePointer<FastNode>) -> Bool {
        cursor.at += 1
        if node.pointee.choices.count >= 0 {
            guard choose(node.pointee.choices) else { return false }
            if !node.pointee.checksStrings { return true }
            cursor.at -= 1
            while cursor.at[-1] != 0x22 { cursor.at -= 1 }
        }
        if againDepth > 0, !node.pointee.checksStrings {
            lastHadEscapes = cursor.skipString()
            return true
        }
        var text = JSONCursor.Text(first: cursor.at, byteCount: 0, scalarCount: 0, hasEscapes: false)
        guard cursor.scanString(&text) else { return false }
        lastHadEscapes = text.hasEscapes
        guard node.pointee.checksStrings else { return true }
        guard text.scalarCount >= node.pointee.minLength, text.scalarCount <= node.pointee.maxLength else { return false }
        return !node.pointee.checksText || check(text, node)
    }

    /// Whether one of the choices stands here, after an opening quote. Steps over it.
    @inline(__always) private mutating func choose(_ range: FastRange) -> Bool {
        let left = cursor.end - cursor.at
        var key = keys + Int(range.start)
        let end = key + Int(range.count)
        while key < end {
            if matches(key, left) {
                cursor.at += Int(key.pointee.byteCount)
                lastHadEscapes = false
                return true
            }
            key += 1
        }
        return refuseUnlessEscaped()
    }

    /// No choice was found as it is written; one may stand here with escapes.
    private mutating func refuseUnlessEscaped() -> Bool {
        var text = JSONCursor.Text(first: cursor.at, byteCount: 0, scalarCount: 0, hasEscapes: false)
        guard cursor.scanString(&text), text.hasEscapes else { return false }
        return undecided()
    }

    @inline(__always) func matches(_ key: UnsafeMutablePointer<FastKey>, _ left: Int) -> Bool {
        let count = Int(key.pointee.byteCount)
        if left >= 8 {
            guard JSONCursor.eight(cursor.at) & key.pointee.mask == key.pointee.word else { return false }
            if count <= 8 { return true }
        }
        guard count <= left else { return false }
        return JSONBytes.isEqual(UnsafeRawPointer(cursor.at), UnsafeRawPointer(bytes + Int(key.pointee.start)), count)
    }

    private mutating func check(_ text: JSONCursor.Text, _ node: UnsafeMutablePointer<FastNode>) -> Bool {
        if text.hasEscapes { return undecided() }
        if node.pointee.pattern >= 0 {
            switch search(node.pointee.pattern, in: text.bytes) {
            case .found: break
            case .absent: return false
            case .tooManySteps: return undecided()
            }
        }
        if let format = node.pointee.format, !FastFormat.matches(format, text.bytes) { return false }
        return node.pointee.codeList < 0 || program.codeLists[Int(node.pointee.codeList)].contains(text.bytes)
    }

    @inline(__always) func search(_ pattern: Int32, in text: UnsafeRawBufferPointer) -> PatternVerdict {
        if let isFound = program.patterns[Int(pattern)].isFound(in: text) { return isFound ? .found : .absent }
        return program.code.patterns[Int(pattern)].search(in: text)
    }

    // MARK: numbers

    @inline(__always) private mutating func walkNumber(_ node: UnsafeMutablePointer<FastNode>) -> Bool {
        var number = JSONCursor.Number()
        guard cursor.scanNumber(&number) else { return false }
        let types = node.pointee.types
        if number.fractionCount == 0 && !number.hasExponent {
            guard types.contains(.integer) else { return false }
        } else if !types.isSuperset(of: .number) {
            guard types.contains(JSONNumber(number.bytes).isInteger ? .integer : .fraction) else { return false }
        }
        let range = node.pointee.bounds
        var bound = program.bounds + Int(range.start)
        for _ in 0..<range.count {
            guard holds(number, bound) else { return false }
            bound += 1
        }
        return node.pointee.divisor < 0 || JSONNumber(number.bytes).isMultiple(of: program.code.divisors[Int(node.pointee.divisor)])
    }

    @inline(__always) private func holds(_ number: JSONCursor.Number, _ bound: UnsafeMutablePointer<FastBound>) -> Bool {
        let order: Int
        if number.isSmall, bound.pointee.isSmall, let small = compareSmall(number, bound) {
            order = small
        } else {
            let constants = program.code.constants
            order = constants.withView { JSONNumber(number.bytes).compared(to: $0.number(Int(program.code.constantItems[Int(bound.pointee.constant)]))) }
        }
        switch bound.pointee.kind {
        case .minimum: return order >= 0
        case .maximum: return order <= 0
        case .exclusiveMinimum: return order > 0
        case .exclusiveMaximum: return order < 0
        }
    }

    /// Both brought to the same power of ten; nil where that does not fit.
    @inline(__always) private func compareSmall(_ number: JSONCursor.Number, _ bound: UnsafeMutablePointer<FastBound>) -> Int? {
        var left = number.isNegative ? -number.digits : number.digits
        var right = bound.pointee.digits
        let difference = number.fractionCount - bound.pointee.fractionCount
        if difference > 0 {
            let (product, overflow) = right.multipliedReportingOverflow(by: program.powersOfTen[difference])
            if overflow { return nil }
            right = product
        } else if difference < 0 {
            let (product, overflow) = left.multipliedReportingOverflow(by: program.powersOfTen[-difference])
            if overflow { return nil }
            left = product
        }
        return left < right ? -1 : left == right ? 0 : 1
    }
}

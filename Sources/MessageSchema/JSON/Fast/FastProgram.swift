/// A schema laid out for one pass over raw bytes: nodes with all their checks in place, and tables beside them, reached by pointers so
/// that a walk neither counts references nor checks bounds that the builder has proved.
///
/// It says `valid` or nothing: what it does not accept is looked at again by `Evaluation`, which knows every keyword and finds the words.
/// So it may leave out whatever is rare; it must never accept what `Evaluation` finds invalid. Its bounds on work are its own, counted in
/// bytes and not in steps.
///
/// Sendable because nothing is written after `init`; the memory lives as long as the object.
final class FastProgram: @unchecked Sendable {
    let nodes: UnsafeMutablePointer<FastNode>
    let keys: UnsafeMutablePointer<FastKey>
    let steps: UnsafeMutablePointer<FastStep>
    let indices: UnsafeMutablePointer<Int32>
    /// Names of keys and strings of enumerations, each followed by the quote that ends it in a document, and eight bytes of padding.
    let bytes: UnsafeMutablePointer<UInt8>
    let bounds: UnsafeMutablePointer<FastBound>
    let powersOfTen: UnsafeMutablePointer<Int64>
    let patterns: UnsafeMutablePointer<FastPattern>
    let codeLists: UnsafeMutablePointer<FastTextSet>
    /// What is looked up by the slow words of `SchemaCode`: constants, divisors, patterns that are no tables.
    let code: SchemaCode

    init(_ build: FastProgramBuilder, _ code: SchemaCode) {
        nodes = Self.copy(build.nodes)
        keys = Self.copy(build.keys)
        steps = Self.copy(build.steps)
        indices = Self.copy(build.indices)
        bytes = Self.copy(build.bytes + [UInt8](repeating: 0, count: 8))
        bounds = Self.copy(build.bounds)
        powersOfTen = Self.copy((0..<19).map { (0..<$0).reduce(Int64(1)) { power, _ in power * 10 } })
        patterns = Self.copy(code.patterns.map { FastPattern($0.automaton) })
        codeLists = Self.copy(code.codeLists.map { FastTextSet($0.codes, code.names) })
        self.code = code
    }

    deinit {
        for index in code.patterns.indices { patterns[index].deallocate() }
        for index in code.codeLists.indices { codeLists[index].deallocate() }
        nodes.deallocate()
        keys.deallocate()
        steps.deallocate()
        indices.deallocate()
        bytes.deallocate()
        bounds.deallocate()
        powersOfTen.deallocate()
        patterns.deallocate()
        codeLists.deallocate()
    }

    /// - Parameter elements: of a type that holds no references: `deallocate` does not look for any.
    static func copy<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
        let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
        for (index, element) in elements.enumerated() { (memory + index).initialize(to: element) }
        return memory
    }

    /// True only where the payload is valid; false where it is not, or where that is not decided here.
    func accepts(_ payload: UnsafeRawBufferPointer) -> Bool {
        guard payload.count <= SchemaLimits.jsonBytesMax, let cursor = JSONCursor(payload) else { return false }
        return withUnsafeTemporaryAllocation(of: FastText.self, capacity: FastLimits.heldTexts) { held in
            guard let base = held.baseAddress else { return false }
            var walk = FastWalk(self, cursor, base, bytes: payload.count)
            return walk.run()
        }
    }
}

/// What bounds the fast walk. Past a bound it leaves the document to `Evaluation`.
enum FastLimits {
    /// Properties that a schema names.
    static let keysMax = 64
    /// Texts that are kept for comparison at one time: unknown keys, and elements that must differ. They have a kilobyte, as much as
    /// Swift takes from the stack: more comes from the heap, which costs as much as a tenth of a small document.
    static let heldTexts = 64
    /// Of one object or array.
    static let heldOfOne = 32
    /// Bytes walked a second time, for `anyOf`, `if` and the like: this many, and as often as `againPerByte` says over the document.
    static let againBytes = 4096
    static let againPerByte = 8
    /// Schemas applied to the same value inside of each other: a chain of references may be as long as its schema, a stack may not.
    static let againDepthMax = 64
}

/// A stretch of the document that is kept for comparison.
struct FastText {
    let first: UnsafePointer<UInt8>
    let count: Int
}

/// One schema.
struct FastNode {
    var types: JSONTypeSet = .all

    // Strings.
    /// There is more to a string than its type.
    var checksStrings = false
    /// There is more to it than its length: escapes must be resolved first.
    var checksText = false
    /// The string must be one of these keys; none where the count is -1.
    var choices = FastRange(start: 0, count: -1)
    var minLength = 0
    var maxLength = Int.max
    var pattern: Int32 = -1
    var format: StringFormat?
    var codeList: Int32 = -1

    // Numbers.
    /// Indices of bounds.
    var bounds = FastRange(start: 0, count: 0)
    /// Index of a divisor of the code; -1 where there is none.
    var divisor: Int32 = -1

    // Arrays.
    var minItems = 0
    var maxItems = Int.max
    var isUnique = false
    /// Indices of the nodes of the first elements.
    var prefix = FastRange(start: 0, count: 0)
    /// The node of the others.
    var items: Int32 = 0

    // Objects.
    var keys = FastRange(start: 0, count: 0)
    /// Bits of the keys that must be there.
    var required: UInt64 = 0
    /// The node of members that no key and no pattern names; -1 where they are forbidden.
    var additional: Int32 = 0
    /// Pattern and node by turns, as indices.
    var patterns = FastRange(start: 0, count: 0)
    var propertyNames: Int32 = 0
    var minProperties = 0
    var maxProperties = Int.max

    /// What is applied to the same value again.
    var steps = FastRange(start: 0, count: 0)

    /// It accepts everything.
    static let any = FastNode()
}

struct FastRange {
    var start: Int32
    var count: Int32
}

/// A text that a document may have as a key or a string, with its closing quote.
struct FastKey {
    /// The first eight bytes, and which of them count.
    var word: UInt64
    var mask: UInt64
    /// Where it stands in `FastProgram.bytes`.
    var start: Int32
    /// With the quote.
    var byteCount: Int32
    /// The node of its value.
    var node: Int32
}

/// A bound of a number: `digits × 10^-fractionCount` where that is small.
struct FastBound {
    enum Kind: UInt8 { case minimum, maximum, exclusiveMinimum, exclusiveMaximum }
    var kind: Kind
    var isSmall: Bool
    var fractionCount: Int
    var digits: Int64
    /// The same among the constants of the code.
    var constant: Int32
}

/// A schema applied to a value that has been walked.
enum FastStep {
    case all(Int32)
    case any(FastRange)
    case one(FastRange)
    case not(Int32)
    /// -1 where there is none.
    case condition(if: Int32, then: Int32, else: Int32)
    /// Arrays only.
    case contains(node: Int32, min: Int, max: Int)
    /// Objects only: where the key of the bit stands, all of `mask` must, and the value is one of the node.
    case present(bit: UInt64, mask: UInt64, node: Int32)
}

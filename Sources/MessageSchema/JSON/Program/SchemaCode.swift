/// A schema as a program: nodes, each a stretch of checks, and the tables that checks point into. Made once by `SchemaCompiler`, never
/// changed, shared by all threads.
struct SchemaCode: Sendable {
    /// One schema.
    struct Node: Sendable {
        /// Checks of the node, `unevaluated…` last.
        var firstCheck: Int32 = 0
        var checkCount: Int32 = 0
        /// Which `$id` it stands under: what `$dynamicRef` walks.
        var resource: Int32 = 0
        /// It holds `unevaluatedProperties` or `unevaluatedItems`.
        var hasUnevaluated = false
        /// It is the schema `false`: its parent says so, in the parent's word.
        var isNever = false
    }

    /// What an object's members must be.
    struct Shape: Sendable {
        /// Property names to nodes.
        var properties: NameMap
        /// Pattern and node by turns.
        var patterns: IndexRange
        /// -1 where `additionalProperties` is absent.
        var additional: Int32
    }

    struct Enumeration: Sendable {
        /// Hash and index among the constants, by hash.
        var values: [(hash: Int, constant: Int32)]
    }

    struct DynamicAnchor: Sendable {
        /// Resource and node of each schema with an anchor of this name.
        var places: [(resource: Int32, node: Int32)] = []
    }

    var nodes: [Node] = []
    var checks: [SchemaCheck] = []
    var indices: [Int32] = []
    var names = NameTable()
    var shapes: [Shape] = []
    /// One array that holds all constants.
    var constants: JSONDocument
    /// Where each of them stands in it.
    var constantItems: [Int32] = []
    var enumerations: [Enumeration] = []
    var divisors: [JSONNumber.Divisor] = []
    var patterns: [Pattern] = []
    var patternTexts: [String] = []
    var codeLists: [(name: CodeListName, codes: NameMap)] = []
    var dynamicAnchors: [DynamicAnchor] = []
    let root: Int32 = 0
}

/// What becomes of the values of a document: a graph over the places that the schema and the rules tell apart. Made by `JSONPlanBuilder`; the walk
/// reads it in the flat form of `JSONProjector`, and the schema of what is shown is written from it.
struct JSONPlan {
    enum Treatment: Hashable {
        /// As it stands, but for what it holds.
        case show
        /// Values that are no containers, here and in arrays here.
        case mask(FieldRules.Mask)
        /// Nothing of it; it is walked for conditions inside.
        case hide
    }

    struct Node {
        var schemas: JSONValueSchemas
        var state: RuleState
        var treatment: Treatment
        /// What a value may be. Another is not shown at all: the schema says nothing about what it would hold.
        var types: JSONTypeSet = .all
        /// By index in the names of the code; -1 where it is dropped. In the order of the schema.
        var members: [(name: Int32, node: Int32)] = []
        /// Members that have no name in the schema and yet a schema; -1 where they are dropped.
        var other: Int32 = -1
        /// Where there are some, no other names than those that one of these finds have a schema.
        var otherPatterns: [Int32] = []
        /// Elements; -1 where the schema says nothing about them.
        var prefix: [Int32] = []
        var items: Int32 = -1
        /// The schema refuses members that it does not describe, so that none can be lost.
        var isClosed = false
        /// The schema says what an object, or an array, that stands here holds.
        var describesMembers = false
        var describesElements = false
        /// Its texts are UUIDs.
        var isUUID = false
        /// Nothing is changed or dropped in a value to which its schemas apply, so that these can stay as they were published. It is no leave to copy
        /// a value: in another branch of a `oneOf`, say, no schema may apply to it.
        var isWhole = false
        var tests: [Int32] = []
    }

    var nodes: [Node] = []
    /// Where each place was first met, for people.
    var paths: [[String]] = []
    let root: Int32 = 0

    func member(_ name: Int32, of node: Int32) -> Int32 {
        nodes[Int(node)].members.first { $0.name == name }?.node ?? -1
    }
}

/// The schemas that may apply to one value: all of a group do, of some group. `others` may be asked of it as well; what they say counts for the names
/// of members alone.
struct JSONValueSchemas: Hashable {
    let groups: [[Int32]]
    let others: [Int32]

    init(groups: [[Int32]], others: [Int32] = []) {
        self.groups = Set(groups.map { Set($0).sorted() }).sorted { $0.lexicographicallyPrecedes($1) }
        self.others = Set(others).sorted()
    }

    var isEmpty: Bool { groups.isEmpty && others.isEmpty }
}

enum JSONProjectionLimits {
    /// Places of a document that are told apart.
    static let nodesMax = 10_000
    /// Schemas, and paths that lead on, looked at on the way to them.
    static let stepsMax = 1_000_000
}

import AccessPolicy
import Testing

/// A node for tests: `agency/unit/node`.
func node(_ path: String, roles: Set<Role> = [.member]) throws -> NodeIdentity {
    let parts = path.split(separator: "/").map(String.init)
    return try NodeIdentity(authority: "danang.example", agency: parts[0], unit: parts[1], node: parts[2], roles: roles)
}

/// The snapshot of one file.
func snapshot(_ yaml: String, version: Int64 = 1) throws -> PolicySnapshot {
    try PolicySnapshot(compiling: try AgreementsFile.parse(yaml: yaml, name: "test.yaml").agreements, version: version)
}

/// The problems of a file that must have some.
func problems(_ yaml: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> [AgreementsProblem] {
    do {
        _ = try AgreementsFile.parse(yaml: yaml, name: "test.yaml")
    } catch {
        return error.problems
    }
    Issue.record("the file was accepted", sourceLocation: sourceLocation)
    return []
}

/// One agreement around the lines of one party.
func agreement(party: String, topic: String = "health.vaccination.v1", extra: String = "") -> String {
    """
    agreements:
      - id: A-1
        topic: "\(topic)"
        owner: health
        parties:
          - \(party.split(separator: "\n").joined(separator: "\n        "))
    \(extra.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
    """
}

/// SplitMix64: the same numbers from the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// Records that do not fit their places, kept until the end: of two that changed places each fits the other's.
struct AuditSuspects {
    struct Suspect {
        /// As the entry says that is shown at the offset.
        let facts: Entry.Facts
        /// What the tree has at the offset.
        let leaf: TreeHash
        /// The entry's, where the entry is the one in the tree.
        let commitment: TreeHash?
        let content: [UInt8]
        let salt: [UInt8]
    }

    private var suspects: [Suspect] = []
    private var bytes = 0

    /// - Returns: false where there is no room for more; then the record is altered, which is true too.
    mutating func keep(_ suspect: Suspect) -> Bool {
        guard suspects.count < TransparencyLimits.auditSuspectsMax, suspect.salt.count == Commitment.saltBytes,
            suspect.content.count <= TransparencyLimits.auditSuspectBytesMax - bytes
        else { return false }
        suspects.append(suspect)
        bytes += suspect.content.count
        return true
    }

    /// Each suspect, with the offset where it belongs if that is another suspect's.
    mutating func settled() -> [(suspect: Suspect, place: Int64?)] {
        defer { self = AuditSuspects() }
        return suspects.map { suspect in
            let place = suspects.first { $0.facts.offset != suspect.facts.offset && Self.fits(suspect, $0) }
            return (suspect, place?.facts.offset)
        }
    }

    /// Whether the one's record is what the tree has at the other's place. Its salt and append time may have come along or stayed.
    private static func fits(_ moved: Suspect, _ place: Suspect) -> Bool {
        [moved.salt, place.salt].contains { salt in
            let commitment = Commitment.of(content: moved.content, salt: salt)
            if let expected = place.commitment { return commitment == expected }
            return [moved.facts.appendTime, place.facts.appendTime].contains { time in
                var facts = moved.facts
                facts.offset = place.facts.offset
                facts.appendTime = time
                return Entry(facts: facts, commitment: commitment).leaf == place.leaf
            }
        }
    }
}

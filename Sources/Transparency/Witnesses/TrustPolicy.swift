/// Whose cosignatures count, and how many are enough: a C2SP tlog-policy file. Names in it are octets, as the format says.
public struct TrustPolicy: Hashable, Sendable {
    public typealias Name = [UInt8]

    public struct Witness: Hashable, Sendable {
        public let name: Name
        public let key: VerifierKey
        public let url: [UInt8]?
    }

    public struct Group: Hashable, Sendable {
        public let name: Name
        public let threshold: Int
        public let members: [Name]
    }

    public enum Quorum: Hashable, Sendable {
        /// No cosignature is asked for.
        case none
        case member(Name)
    }

    /// Of the log lines, for those who use them; ours name no logs, a log's key follows from the pinned one and its origin.
    public let logs: [VerifierKey]
    public let witnesses: [Witness]
    /// Each after those that it names.
    public let groups: [Group]
    public let quorum: Quorum

    init(logs: [VerifierKey], witnesses: [Witness], groups: [Group], quorum: Quorum) {
        self.logs = logs
        self.witnesses = witnesses
        self.groups = groups
        self.quorum = quorum
    }

    /// No witness is known and none is asked for.
    public static let withoutWitnesses = TrustPolicy(logs: [], witnesses: [], groups: [], quorum: .none)

    /// What the cosignatures of a checkpoint are worth.
    public struct Judgement: Hashable, Sendable {
        /// The known witnesses that cosigned, in the policy's order, with seconds since 1970; of several by one the first counts.
        public let cosigned: [Cosigned]
        /// A known witness's signature does not hold: the note is to be refused whole.
        public let isForged: Bool
        public let isQuorum: Bool

        public struct Cosigned: Hashable, Sendable {
            public let witness: Name
            public let time: Int64
        }

        /// The time that the quorum vouches for: the median, of an even number the lower one. nil where nobody cosigned.
        public var time: Int64? { Self.median(cosigned.map(\.time)) }

        static func median(_ times: [Int64]) -> Int64? { times.isEmpty ? nil : times.sorted()[(times.count - 1) / 2] }
    }

    /// - Parameter own: the public key of one's own witness, which never counts.
    public func judge(_ checkpoint: SignedCheckpoint, exceptOwn own: [UInt8]? = nil) -> Judgement {
        var cosigned: [Judgement.Cosigned] = []
        var isForged = false
        for witness in witnesses where witness.key.publicKey != own {
            let lines = checkpoint.note.signatures.filter { $0.isNamed(witness.key) }
            let times = lines.map { Cosignature.time(of: $0, on: checkpoint.checkpoint, by: witness.key) }
            if times.contains(nil) { isForged = true }
            if let first = times.first, let time = first { cosigned.append(.init(witness: witness.name, time: time)) }
        }
        return Judgement(cosigned: cosigned, isForged: isForged, isQuorum: isQuorum(Set(cosigned.map(\.witness))))
    }

    /// Since when and until when a quorum vouches for a checkpoint: the medians of its witnesses' first and last times, seconds since 1970.
    /// nil where there is no quorum, a signature does not hold, or the policy asks for nobody.
    public func window(of checkpoint: SignedCheckpoint, exceptOwn own: [UInt8]? = nil) -> (from: Int64, to: Int64)? {
        let judgement = judge(checkpoint, exceptOwn: own)
        guard judgement.isQuorum, !judgement.isForged else { return nil }
        var (first, last): ([Int64], [Int64]) = ([], [])
        for witness in witnesses where witness.key.publicKey != own {
            let times = checkpoint.note.signatures.compactMap { Cosignature.time(of: $0, on: checkpoint.checkpoint, by: witness.key) }
            guard let earliest = times.min(), let latest = times.max() else { continue }
            first.append(earliest)
            last.append(latest)
        }
        guard let from = Judgement.median(first), let to = Judgement.median(last) else { return nil }
        return (from, to)
    }

    /// The witness of a name.
    public func witness(named name: String) -> Witness? { witnesses.first { $0.name.elementsEqual(name.utf8) } }

    private func isQuorum(_ cosigned: Set<Name>) -> Bool {
        guard case .member(let name) = quorum else { return true }
        var satisfied = cosigned
        for group in groups where group.members.count(where: satisfied.contains) >= group.threshold { satisfied.insert(group.name) }
        return satisfied.contains(name)
    }
}

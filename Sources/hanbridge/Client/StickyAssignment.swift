/// Shares partitions out evenly while moving as few as can be (KIP-54), and lets none change hands at once (KIP-429). Pure.
///
/// Even means: no partition can go from one member to another that subscribes to its topic and has two fewer.
struct StickyAssignment {
    typealias Member = Assignor.Member

    /// Sorted by id, so that whoever leads, the same members get the same shares.
    private let members: [Member]
    private let topics: [Set<String>]
    /// By member, in the order of ``members``.
    private var shares: [Set<TopicPartition>]
    private var unassigned: [TopicPartition] = []

    /// What to tell the members now: a partition that somebody else still holds is given to nobody this time. Its holder sees that
    /// it is no longer his, lets go and joins again, and the rebalance after that gives it away.
    static func cooperative(_ members: [Member], partitionCounts: [String: Int32]) -> [String: [TopicPartition]] {
        // Whatever generation a claim is of: who believes that he holds a partition may be reading it.
        var holders: [TopicPartition: [String]] = [:]
        for member in members { for partition in member.owned { holders[partition, default: []].append(member.memberID) } }
        let shares = balanced(members, partitionCounts: partitionCounts).map { memberID, share in
            (memberID, share.filter { holders[$0, default: []].allSatisfy { $0 == memberID } }.sorted())
        }
        return Dictionary(uniqueKeysWithValues: shares)
    }

    /// What the members should have in the end.
    static func balanced(_ members: [Member], partitionCounts: [String: Int32]) -> [String: Set<TopicPartition>] {
        var assignment = StickyAssignment(members)
        assignment.keepWhatIsHeld(partitionCounts)
        assignment.giveTheRest()
        assignment.even()
        return Dictionary(uniqueKeysWithValues: zip(assignment.members.map(\.memberID), assignment.shares))
    }

    private init(_ members: [Member]) {
        self.members = members.sorted { $0.memberID < $1.memberID }
        topics = self.members.map { Set($0.topics) }
        shares = Array(repeating: [], count: members.count)
    }

    /// Of several that say they hold a partition the one of the newest generation does; two of the same generation cannot both be
    /// right, and neither keeps it.
    private mutating func keepWhatIsHeld(_ partitionCounts: [String: Int32]) {
        var holders: [TopicPartition: (member: Int, generation: Int32, isUnique: Bool)] = [:]
        for (index, member) in members.enumerated() {
            for partition in member.owned where topics[index].contains(partition.topic) {
                if let rival = holders[partition], rival.generation >= member.generation {
                    if rival.generation == member.generation { holders[partition]?.isUnique = false }
                } else {
                    holders[partition] = (index, member.generation, true)
                }
            }
        }
        for topic in topics.reduce(into: Set<String>(), { $0.formUnion($1) }).sorted() {
            for number in 0..<(partitionCounts[topic] ?? 0) {
                let partition = TopicPartition(topic: topic, partition: number)
                if let holder = holders[partition], holder.isUnique {
                    shares[holder.member].insert(partition)
                } else {
                    unassigned.append(partition)
                }
            }
        }
    }

    /// To whoever has least of those that want it; those that few want first.
    private mutating func giveTheRest() {
        let wanting = Dictionary(
            Set(unassigned.map(\.topic)).map { topic in (topic, topics.indices.filter { topics[$0].contains(topic) }) }, uniquingKeysWith: { $1 })
        let order = unassigned.sorted { (wanting[$0.topic]?.count ?? 0, $0) < (wanting[$1.topic]?.count ?? 0, $1) }
        for partition in order {
            guard let least = wanting[partition.topic]?.min(by: { shares[$0].count < shares[$1].count }) else { continue }
            shares[least].insert(partition)
        }
        unassigned = []
    }

    /// Each move brings two shares nearer to each other, so there is an end.
    private mutating func even() {
        let average = shares.reduce(0) { $0 + $1.count } / max(1, members.count)
        while let move = unfairness(average) {
            shares[move.from].subtract(move.partitions)
            shares[move.to].formUnion(move.partitions)
        }
    }

    /// What should go from a member with much to one with little, where there is something: not more than brings the latter to the
    /// average, for what is moved twice was moved in vain.
    private func unfairness(_ average: Int) -> (partitions: [TopicPartition], from: Int, to: Int)? {
        let byLoad = shares.indices.sorted { (shares[$0].count, $0) < (shares[$1].count, $1) }
        for from in byLoad.reversed() {
            for to in byLoad {
                let excess = shares[from].count - shares[to].count
                guard excess >= 2 else { break }
                // What the member did not hold before costs nobody anything to move; of the rest, the last.
                let movable = shares[from].filter { topics[to].contains($0.topic) }.sorted {
                    let (isLeftHeld, isRightHeld) = (members[from].owned.contains($0), members[from].owned.contains($1))
                    return isLeftHeld == isRightHeld ? $0 > $1 : isRightHeld
                }
                guard !movable.isEmpty else { continue }
                let wanted = min(excess / 2, max(1, average - shares[to].count))
                return (Array(movable.prefix(wanted)), from, to)
            }
        }
        return nil
    }
}

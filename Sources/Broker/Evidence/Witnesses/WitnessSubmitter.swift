import Logging
public import Storage
public import Transparency

/// Has this broker's checkpoints cosigned by the witnesses that the policy names (EVIDENCE.md, "Witnesses and time"): at start, to learn whether
/// the store is the newest of its kind; then each as it is made; and idle logs every hour.
public final class WitnessSubmitter: CheckpointFollowing {
    private let feeds: [WitnessFeed]
    private let standing = WitnessStanding()
    private let services: BrokerServices

    private static let idleInterval: Duration = .seconds(60)
    private static let confirmedAtOnce = 16

    /// - Parameters:
    ///   - logs: this broker's name and keys, as witnesses pin them.
    ///   - own: the public key of the broker's own witness, where it has one.
    public init(_ witnesses: [any WitnessAsking], policy: TrustPolicy, own: [UInt8]?, logs: PinnedLog, services: BrokerServices) {
        precondition(witnesses.count <= Cosigning.witnessesMax, "more witnesses than a note has lines for")
        let journal = CosignatureJournal(policy: policy, own: own, services: services)
        self.services = services
        feeds = witnesses.map { [standing] in WitnessFeed($0, logs: logs, journal: journal, standing: standing, services: services) }
    }

    /// Logs that no witness has vouched for since the start.
    public var unconfirmedCount: Int { standing.unconfirmedCount }

    /// Of the witnesses, as the policy file calls them.
    var names: [String] { feeds.map(\.name) }

    /// Those that do not know so much of the log yet, as far as they told.
    func behind(_ log: PartitionID, size: Int64) async -> [String] {
        var names: [String] = []
        for feed in feeds where await feed.knownSize(of: log) < size { names.append(feed.name) }
        return names
    }

    public func published(_ checkpoints: [StoredCheckpoint]) async {
        for feed in feeds { await feed.queue.put(checkpoints.map(\.partition)) }
    }

    /// Before a log takes records: shows each witness the last checkpoint of each log. One that the witnesses know longer or otherwise goes
    /// offline. Where none answers in time the broker starts all the same, and its logs are marked unconfirmed until one does.
    public func confirm(within limit: Duration = .seconds(Cosigning.confirmationSecondsMax)) async {
        let partitions = services.checkpoints.partitions
        guard !feeds.isEmpty, !partitions.isEmpty else { return }
        standing.began(with: partitions)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.confirm(partitions) }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
        let unconfirmed = standing.unconfirmedCount
        if unconfirmed == 0 {
            services.log.notice("\(partitions.count) logs: witnesses know nothing newer")
        } else {
            services.log.warning("\(unconfirmed) of \(partitions.count) logs are unconfirmed: no witness has said yet that it knows nothing newer")
        }
    }

    private func confirm(_ partitions: [PartitionID]) async {
        await withDiscardingTaskGroup { group in
            for feed in feeds { group.addTask { await Self.confirm(partitions, by: feed) } }
        }
    }

    /// Ends with the first request that is not answered: the next ones would not be either.
    private static func confirm(_ partitions: [PartitionID], by feed: WitnessFeed) async {
        await withTaskGroup(of: WitnessFeed.Outcome.self) { group in
            for (count, partition) in partitions.enumerated() {
                if count >= confirmedAtOnce, await group.next() == .unreachable { break }
                if Task.isCancelled { break }
                group.addTask { await feed.submit(partition) }
            }
            await group.waitForAll()
        }
    }

    /// Until it is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for feed in feeds { group.addTask { await feed.run() } }
            group.addTask { await self.putIdle() }
        }
    }

    private func putIdle() async {
        while !Task.isCancelled {
            let partitions = services.checkpoints.partitions
            let there = Set(partitions)
            for feed in feeds {
                await feed.keepOnly(there.contains)
                await feed.putIdle(partitions, at: services.clock.now())
            }
            try? await Task.sleep(for: Self.idleInterval)
        }
    }
}

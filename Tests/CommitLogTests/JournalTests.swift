import Storage
import Testing

@testable import CommitLog

@Suite struct JournalTests {
    private func filled(_ partitions: Int32, rounds: Int) throws -> (bench: Bench, keys: [Int32: [Int64: String]]) {
        let bench = try Bench()
        let made = try (0..<partitions).map { try bench.partition($0) }
        var keys: [Int32: [Int64: String]] = [:]
        for round in 0..<rounds {
            let tickets = made.map { ($0.id.partition, bench.append($0, Batches.make(["r\(round)"]))) }
            bench.log.step()
            for (number, ticket) in tickets { keys[number, default: [:]][try #require(bench.outcomes[ticket]?.base)] = "r\(round)" }
        }
        return (bench, keys)
    }

    @Test("A group of many partitions costs one sync, not one each")
    func oneSync() throws {
        let (bench, _) = try filled(8, rounds: 2)
        let partitions = try (0..<8).map { try bench.partition($0) }
        let syncs = bench.disk.counts.fileSyncs
        for partition in partitions { bench.append(partition, Batches.make(["x"])) }
        let appends = bench.log.services.queue.take(bytesMax: 1 << 20, sleeping: false)
        bench.log.services.core.with { $0.commit(appends ?? []) }
        #expect(bench.disk.counts.fileSyncs == syncs + 1)
    }

    @Test("What only the journal made durable is in the segments after a power loss, however often it came round")
    func replays() throws {
        for rounds in [2, 3, 7, 30] {
            let (bench, keys) = try filled(6, rounds: rounds)
            for seed in UInt64(0)..<6 {
                let after = try Bench(disk: bench.disk.afterPowerLoss(seed: seed))
                for number in 0..<6 as Range<Int32> {
                    #expect(try after.keys(after.partition(number)) == keys[number], "rounds \(rounds), seed \(seed)")
                }
            }
        }
    }

    @Test("The journal of a partition that is out of service is kept until it can be recovered")
    func keptForOffline() throws {
        let (bench, keys) = try filled(6, rounds: 3)
        let disk = bench.disk.afterPowerLoss(seed: 0)
        disk.set { $0.unreadableSuffix = "-3/manifest" }
        let sick = try Bench(disk: disk)
        #expect(sick.log.statistics().offlinePartitions.map(\.id) == [Bench.id(3)])
        sick.log.close()
        disk.set { $0.unreadableSuffix = nil }
        let well = try Bench(disk: disk)
        for number in 0..<6 as Range<Int32> { #expect(try well.keys(well.partition(number)) == keys[number]) }
        well.log.close()
        #expect(!disk.paths().contains { $0.contains("journal.kept") })
    }

    @Test("A group is journalled exactly where that is cheaper")
    func choice() {
        #expect(!Journal.isWorthwhile(runs: 1, bytes: 10))
        #expect(Journal.isWorthwhile(runs: 2, bytes: Journal.bytesPerSyncSaved))
        #expect(!Journal.isWorthwhile(runs: 2, bytes: Journal.bytesPerSyncSaved + 1))
    }

    @Test("A thousand partitions: idle ones have no file, and a group over all of them is one sync")
    func thousandPartitions() throws {
        let bench = try Bench(settings: Bench.settings { $0.journalStretchBytes = 4 << 20 })
        let partitions = try (0..<1000).map { try bench.partition($0) }
        #expect(!bench.disk.paths().contains { $0.hasSuffix(".log") })
        for partition in partitions.prefix(2) { bench.append(partition, Batches.make(["x"])) }
        bench.log.step()
        let syncs = bench.disk.counts.fileSyncs
        let tickets = partitions.map { bench.append($0, Batches.make(["y"])) }
        let appends = bench.log.services.queue.take(bytesMax: 16 << 20, sleeping: false)
        bench.log.services.core.with { $0.commit(appends ?? []) }
        #expect(bench.disk.counts.fileSyncs == syncs + 1)
        #expect(tickets.allSatisfy { bench.outcomes[$0]?.base != nil })
        let after = try Bench(disk: bench.disk.afterPowerLoss(seed: 3), settings: Bench.settings { $0.journalStretchBytes = 4 << 20 })
        #expect(try (0..<1000).allSatisfy { try !after.keys(after.partition($0)).isEmpty })
    }
}

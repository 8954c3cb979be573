import Foundation
import NIOConcurrencyHelpers
import NIOCore
import Storage
import Testing

@testable import CommitLog

/// A run of appends against a disk whose power goes at some change, and the check of what is there afterwards.
struct PowerLossRun {
    let seed: UInt64
    let partitionCount: Int32
    /// The change at which the power goes; nil runs to the end.
    let powerLossAtChange: Int?
    var syncsAreNoOps = false
    /// In how many pieces the run writes.
    var rounds = 14

    /// Acknowledged records by partition and offset, written down apart from the store.
    final class Witness {
        var acknowledged: [Int32: [Int64: String]] = [:]
        var attempted: [Int32: Set<String>] = [:]
    }

    struct Result {
        var disk: SimulatedDisk
        var witness: Witness
        var changes: Int
        /// What the check found missing or wrong.
        var losses: [String]
    }

    func run() -> Result {
        let disk = SimulatedDisk()
        disk.set {
            $0.powerLossAtChange = powerLossAtChange
            $0.syncsAreNoOps = syncsAreNoOps
        }
        let witness = Witness()
        write(to: disk, witness)
        let changes = disk.counts.changes
        let after = disk.afterPowerLoss(seed: seed &* 31)
        return Result(disk: after, witness: witness, changes: changes, losses: check(after, witness))
    }

    private func write(to disk: SimulatedDisk, _ witness: Witness) {
        var random = SeededGenerator(seed: seed)
        guard let bench = try? Bench(disk: disk) else { return }
        var partitions: [Partition] = []
        for number in 0..<partitionCount {
            guard let partition = try? bench.partition(number, PartitionSettings(segmentBytes: 6000)) else { break }
            partitions.append(partition)
        }
        for round in 0..<rounds {
            var tickets: [(ticket: AppendTicket, number: Int32, keys: [String])] = []
            for partition in partitions where Bool.random(using: &random) || round < 2 {
                for batch in 0..<Int.random(in: 1...2, using: &random) {
                    let keys = (0..<Int.random(in: 1...3, using: &random)).map { "\(partition.id.partition)/\(round)/\(batch)/\($0)" }
                    witness.attempted[partition.id.partition, default: []].formUnion(keys)
                    let admitted = Batches.make(keys, valueBytes: Int.random(in: 1...700, using: &random))
                    tickets.append((bench.append(partition, admitted), partition.id.partition, keys))
                }
            }
            bench.log.step()
            for (ticket, number, keys) in tickets {
                guard let outcome = bench.outcomes[ticket], let base = outcome.base else { continue }
                for (index, key) in keys.enumerated() { witness.acknowledged[number, default: [:]][base + Int64(index)] = key }
            }
            if round % 5 == 4 { bench.log.maintainNow() }
        }
    }

    /// Opens the store by the code that a broker opens it with, and compares.
    private func check(_ disk: SimulatedDisk, _ witness: Witness) -> [String] {
        var losses: [String] = []
        guard !disk.paths().isEmpty else { return witness.acknowledged.isEmpty ? [] : ["the whole store is gone"] }
        do {
            let bench = try Bench(disk: disk)
            for (number, acknowledged) in witness.acknowledged {
                guard let partition = bench.log.partition(Bench.id(number)) as? Partition else {
                    losses.append("partition \(number) is gone")
                    continue
                }
                if case .offline(let why) = partition.bounds.state {
                    losses.append(why)
                    continue
                }
                let found = try bench.keys(partition)
                for (offset, key) in acknowledged where found[offset] != key {
                    losses.append("partition \(number), offset \(offset): \(key) was acknowledged, \(found[offset] ?? "nothing") is there")
                }
                for (offset, key) in found where !(witness.attempted[number] ?? []).contains(key) {
                    losses.append("partition \(number), offset \(offset): \(key) was never written")
                }
                if found.keys.sorted() != Array(0..<Int64(found.count)) { losses.append("partition \(number): offsets are not dense") }
                // The log goes on: what is appended now must come back too.
                let outcome = bench.appendNow(partition, Batches.make(["after"]))
                if outcome?.base != Int64(found.count) { losses.append("partition \(number): the log does not go on") }
            }
            bench.log.close()
            let report = try StoreCheck(disk: disk, layout: StoreLayout(root: "store"), progress: { _ in }).run()
            losses += report.problems
        } catch {
            losses.append("the store does not open: \(error)")
        }
        return losses
    }
}

@Suite struct PowerLossTests {
    /// HANBRIDGE_SEEDS=20 runs twenty times as many seeds.
    private static let seedFactor = ProcessInfo.processInfo.environment["HANBRIDGE_SEEDS"].flatMap { UInt64($0) } ?? 1

    @Test("Whatever write the power goes at, every acknowledged record is there, and offsets are dense", arguments: [1 as Int32, 4])
    func everyWrite(partitionCount: Int32) {
        let changes = PowerLossRun(seed: 1, partitionCount: partitionCount, powerLossAtChange: nil).run().changes
        #expect(changes > 30)
        for at in 1...changes + 1 {
            for seed in 0..<2 * Self.seedFactor {
                let run = PowerLossRun(seed: seed, partitionCount: partitionCount, powerLossAtChange: at)
                let losses = run.run().losses
                #expect(losses.isEmpty, "seed \(seed), \(partitionCount) partitions, power loss at change \(at)")
            }
        }
    }

    @Test("Random runs with more seeds hold too")
    func manySeeds() {
        for seed in 100..<100 + 50 * Self.seedFactor {
            var random = SeededGenerator(seed: seed)
            let run = PowerLossRun(
                seed: seed, partitionCount: Int32.random(in: 1...9, using: &random),
                powerLossAtChange: Int.random(in: 1...260, using: &random), rounds: 30)
            #expect(run.run().losses.isEmpty, "seed \(seed)")
        }
    }

    @Test("The mutation: with syncs that do nothing, the same check reports loss")
    func syncsThatDoNothing() {
        var reported = 0
        for seed in UInt64(0)..<10 {
            var run = PowerLossRun(seed: seed, partitionCount: 3, powerLossAtChange: nil)
            run.syncsAreNoOps = true
            if !run.run().losses.isEmpty { reported += 1 }
        }
        #expect(reported >= 8, "only \(reported) of 10 runs noticed that nothing was synced")
    }

    @Test("Power lost during recovery, and again, loses nothing")
    func duringRecovery() {
        for seed in 0..<5 * Self.seedFactor {
            let first = PowerLossRun(seed: seed, partitionCount: 4, powerLossAtChange: 60 + Int(seed)).run()
            for at in stride(from: 1 + Int(seed % 2), to: 36, by: 2) {
                let again = first.disk.copy()
                again.set { $0.powerLossAtChange = at }
                _ = try? Bench(disk: again)
                let after = again.afterPowerLoss(seed: seed &+ UInt64(at))
                guard let bench = try? Bench(disk: after) else {
                    Issue.record("seed \(seed), change \(at): the store does not open")
                    continue
                }
                for (number, acknowledged) in first.witness.acknowledged {
                    let partition = bench.log.partition(Bench.id(number)) as? Partition
                    let found = partition.flatMap { try? bench.keys($0) } ?? [:]
                    #expect(acknowledged.allSatisfy { found[$0.key] == $0.value }, "seed \(seed), change \(at), partition \(number)")
                }
            }
        }
    }
}

import Storage
import Testing

@testable import CommitLog

#if canImport(Glibc)
import Glibc
#endif

@Suite struct FaultTests {
    @Test("A disk that fills at any write refuses clearly, keeps what it has, serves reads, and recovers by itself")
    func fullAtEveryWrite() throws {
        for at in 1...44 {
            let bench = try Bench()
            let partitions = try (0..<3).map { try bench.partition($0, PartitionSettings(segmentBytes: 3000)) }
            let written = bench.disk.counts.writes
            bench.disk.set {
                $0.fullAtWrite = written + at
                $0.fullUntilWrite = written + at + 7
            }
            var acknowledged: [Int32: [Int64: String]] = [:]
            var refused = 0
            for round in 0..<20 {
                let tickets = partitions.map { ($0.id.partition, "r\(round)p\($0.id.partition)", bench.append($0, Batches.make(["r\(round)p\($0.id.partition)"], valueBytes: 300))) }
                bench.log.step()
                for (number, key, ticket) in tickets {
                    let outcome = try #require(bench.outcomes[ticket])
                    if let base = outcome.base { acknowledged[number, default: [:]][base] = key } else { refused += 1 }
                    if let error = outcome.error { #expect(error == .diskFull, "write \(at): \(error)") }
                }
                for partition in partitions { #expect(try bench.keys(partition) == acknowledged[partition.id.partition] ?? [:]) }
            }
            bench.disk.set { $0.fullAtWrite = nil }
            for partition in partitions { #expect(bench.appendNow(partition, Batches.make(["last"]))?.base != nil, "write \(at)") }
            // And what was refused has left nothing behind that a power loss could bring up.
            let after = try Bench(disk: bench.disk.afterPowerLoss(seed: UInt64(at)))
            for partition in try (0..<3).map({ try after.partition($0) }) {
                let found = try after.keys(partition)
                let expected = acknowledged[partition.id.partition] ?? [:]
                #expect(expected.allSatisfy { found[$0.key] == $0.value }, "write \(at), refused \(refused)")
            }
        }
    }

    @Test("Below the reserve ordinary partitions are refused, those of the broker are not, until space returns")
    func reserve() throws {
        let bench = try Bench(settings: Bench.settings { $0.reserveBytes = 10_000 })
        let ordinary = try bench.partition(0)
        let audit = try bench.partition(1, PartitionSettings(mayUseReserve: true))
        _ = bench.appendNow(ordinary, Batches.make(["a"]))
        let frame = UInt64(FrameDraft(Batches.make(["b"])).header.frameBytes)
        bench.disk.leaveFree(10_000 + frame - 1)
        #expect(bench.appendNow(ordinary, Batches.make(["b"]))?.error == .diskFull)
        bench.disk.leaveFree(9_999)
        #expect(bench.log.statistics().isFull)
        #expect(bench.appendNow(audit, Batches.make(["c"]))?.base == 0)
        #expect(try bench.keys(ordinary).count == 1)
        bench.disk.leaveFree(10_000 + frame)
        #expect(bench.appendNow(ordinary, Batches.make(["b"]))?.base == 1)
    }

    @Test("A disk that refuses what clients send is full, though it is not at its reserve, until as much fits again")
    func fullForWhatClientsSend() throws {
        let bench = try Bench(settings: Bench.settings { $0.reserveBytes = 10_000 })
        let partition = try bench.partition(0)
        let frame = UInt64(FrameDraft(Batches.make(["b"])).header.frameBytes)
        _ = bench.appendNow(partition, Batches.make(["a"]))
        bench.disk.leaveFree(10_000 + frame - 1)
        #expect(!bench.log.statistics().isFull, "nothing was refused yet")
        #expect(bench.appendNow(partition, Batches.make(["b"]))?.error == .diskFull)
        #expect(bench.log.statistics().isFull)
        bench.disk.leaveFree(10_000 + frame)
        #expect(!bench.log.statistics().isFull, "it comes back by itself, before anybody tries")
        #expect(bench.appendNow(partition, Batches.make(["b"]))?.base == 1)
    }

    @Test("A disk that refuses a write though it tells of space is full until it tells of more, or takes one")
    func fullAgainstItsWord() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        _ = bench.appendNow(partition, Batches.make(["a"]))
        bench.disk.leaveFree(1 << 30)
        bench.disk.set { [writes = bench.disk.counts.writes] in $0.fullAtWrite = writes + 1 }
        #expect(bench.appendNow(partition, Batches.make(["b"]))?.error == .diskFull)
        #expect(bench.log.statistics().isFull)
        bench.disk.set { $0.fullAtWrite = nil }
        #expect(bench.log.statistics().isFull)
        #expect(bench.appendNow(partition, Batches.make(["b"]))?.base == 1)
        #expect(!bench.log.statistics().isFull)
        bench.disk.set { [writes = bench.disk.counts.writes] in $0.fullAtWrite = writes + 1 }
        _ = bench.appendNow(partition, Batches.make(["c"]))
        #expect(bench.log.statistics().isFull)
        bench.disk.leaveFree(2 << 30)
        #expect(!bench.log.statistics().isFull)
    }

    @Test("After a sync that failed the partition is read back and goes on; nothing acknowledged is lost", arguments: [1 as Int32, 5])
    func failedSync(count: Int32) throws {
        for nth in 1...30 {
            let bench = try Bench()
            let partitions = try (0..<count).map { try bench.partition($0, PartitionSettings(segmentBytes: 4000)) }
            let syncs = bench.disk.counts.fileSyncs
            bench.disk.set { $0.failingSync = syncs + nth }
            var acknowledged: [Int32: [Int64: String]] = [:]
            for round in 0..<24 {
                let tickets = partitions.map { ($0.id.partition, "r\(round)", bench.append($0, Batches.make(["r\(round)"], valueBytes: 300))) }
                bench.log.step()
                for (number, key, ticket) in tickets {
                    if let base = bench.outcomes[ticket]?.base { acknowledged[number, default: [:]][base] = key }
                }
            }
            for partition in partitions {
                #expect(partition.bounds.state == .online, "sync \(nth)")
                #expect(try bench.keys(partition) == acknowledged[partition.id.partition] ?? [:], "sync \(nth)")
            }
            let after = try Bench(disk: bench.disk.afterPowerLoss(seed: UInt64(nth)))
            for number in 0..<count {
                let partition = try after.partition(number)
                let found = try after.keys(partition)
                #expect((acknowledged[number] ?? [:]).allSatisfy { found[$0.key] == $0.value }, "sync \(nth), partition \(number)")
                #expect(partition.bounds.state == .online, "sync \(nth)")
            }
            // What the manifests say from then on is true of the files.
            bench.log.close()
            let report = try StoreCheck(disk: bench.disk, layout: StoreLayout(root: "store"), progress: { _ in }).run()
            #expect(report.isClean, "sync \(nth): \(report.problems)")
            #expect(try Bench(disk: bench.disk.copy()).log.statistics().offlinePartitions.isEmpty, "sync \(nth)")
        }
    }

    @Test(
        "A start after a sync that failed, and that could not be read back, believes the device: what it serves a power loss does not take",
        arguments: [1 as Int32, 5])
    func killedWhileFenced(count: Int32) throws {
        for nth in 1...24 {
            let bench = try Bench()
            let partitions = try (0..<count).map { try bench.partition($0, PartitionSettings(segmentBytes: 4000)) }
            bench.disk.set { [syncs = bench.disk.counts.fileSyncs] in
                $0.failingSync = syncs + nth
                $0.deviceIsUnreadable = true
            }
            var acknowledged: [Int32: [Int64: String]] = [:]
            for round in 0..<24 {
                let tickets = partitions.map { ($0.id.partition, "r\(round)", bench.append($0, Batches.make(["r\(round)"], valueBytes: 300))) }
                bench.log.step()
                for (number, key, ticket) in tickets {
                    if let base = bench.outcomes[ticket]?.base { acknowledged[number, default: [:]][base] = key }
                }
            }
            let restarted = try Bench(disk: bench.disk.afterKill())
            var served: [Int32: [Int64: String]] = [:]
            for number in 0..<count {
                let partition = try restarted.partition(number)
                served[number] = try restarted.keys(partition)
                #expect(partition.bounds.state == .online, "sync \(nth), partition \(number)")
                #expect((acknowledged[number] ?? [:]).allSatisfy { served[number]?[$0.key] == $0.value }, "sync \(nth), partition \(number)")
            }
            #expect(!restarted.disk.paths().contains { $0.hasSuffix("/fenced") }, "sync \(nth): every partition was read back")
            for seed in UInt64(0)..<3 {
                let after = try Bench(disk: restarted.disk.afterPowerLoss(seed: seed))
                for number in 0..<count {
                    let partition = try after.partition(number)
                    #expect(partition.bounds.state == .online, "sync \(nth), seed \(seed), partition \(number)")
                    #expect(try after.keys(partition) == served[number], "sync \(nth), seed \(seed), partition \(number)")
                }
            }
        }
    }

    @Test("Only where there is no mark of a failed sync is the page cache believed: one that cannot be looked for counts as one", arguments: [EIO, EMFILE, EACCES])
    func markThatCannotBeRead(code: Int32) throws {
        for nth in 1...6 {
            let bench = try Bench()
            let partition = try bench.partition(0)
            bench.disk.set { [syncs = bench.disk.counts.fileSyncs] in
                $0.failingSync = syncs + nth
                $0.deviceIsUnreadable = true
            }
            for round in 0..<6 { _ = bench.appendNow(partition, Batches.make(["r\(round)"])) }
            let disk = bench.disk.afterKill()
            disk.set { $0.unopenable = ("/fenced", code) }
            let restarted = try Bench(disk: disk)
            let served = try restarted.keys(try restarted.partition(0))
            let after = try Bench(disk: restarted.disk.afterPowerLoss(seed: 1))
            #expect(try after.keys(try after.partition(0)) == served, "sync \(nth): what it served a power loss does not take")
        }
    }

    @Test("A start whose own sync fails leaves the partition out of service, and the next start finds what the device holds")
    func failedSyncAtStart() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        for round in 0..<6 { _ = bench.appendNow(partition, Batches.make(["r\(round)"])) }
        let disk = bench.disk.afterKill()
        disk.set { [syncs = disk.counts.fileSyncs] in $0.failingSync = syncs + 1 }
        let fenced = try Bench(disk: disk)
        #expect(fenced.log.statistics().offlinePartitions.count == 1)
        let again = try Bench(disk: disk.afterKill())
        #expect(try again.keys(try again.partition(0)).count == 6)
        let after = try Bench(disk: again.disk.afterPowerLoss(seed: 1))
        #expect(try after.keys(try after.partition(0)).count == 6)
    }

    @Test("A read-only file system is named, and what is durable is served")
    func readOnly() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        _ = bench.appendNow(partition, Batches.make(["a"]))
        bench.disk.set { $0.isReadOnly = true }
        #expect(bench.appendNow(partition, Batches.make(["b"]))?.error == .readOnly)
        guard case .readOnly = partition.bounds.state else {
            Issue.record("the partition is \(partition.bounds.state)")
            return
        }
        #expect(try bench.keys(partition) == [0: "a"])
        #expect(bench.log.statistics().offlinePartitions.map(\.id) == [partition.id])
        #expect(bench.log.statistics().isReadOnly)
        bench.disk.set { $0.isReadOnly = false }
        #expect(bench.appendNow(try bench.partition(1), Batches.make(["c"]))?.base == 0)
        #expect(!bench.log.statistics().isReadOnly)
    }

    @Test("A device that cannot read takes the partition out of service at start, not the store")
    func readError() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        _ = bench.appendNow(partition, Batches.make(["a"]))
        let disk = bench.disk.copy()
        disk.set { $0.unreadableSuffix = ".log" }
        let again = try Bench(disk: disk)
        #expect(again.log.statistics().offlinePartitions.count == 1)
    }
}

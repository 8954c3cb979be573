import Storage
import Testing

@testable import CommitLog

@Suite struct IdempotenceTests {
    private func batch(_ sequence: Int32, count: Int = 1, epoch: Int16 = 0, producer: Int64 = 42) -> AdmittedBatch {
        Batches.make((0..<count).map { "s\(sequence)+\($0)" }, producerID: producer, epoch: epoch, sequence: sequence)
    }

    @Test("A repeat of one of the last five batches answers with its first offset; the sixth is out of order")
    func duplicates() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        for sequence in 0..<6 as Range<Int32> { #expect(bench.appendNow(partition, batch(sequence))?.base == Int64(sequence)) }
        for sequence in 1..<6 as Range<Int32> {
            let outcome = try #require(bench.appendNow(partition, batch(sequence)))
            #expect(outcome.isDuplicate && outcome.base == Int64(sequence))
        }
        guard case .outOfOrderSequence? = bench.appendNow(partition, batch(0)) else {
            Issue.record("a sixth batch back was not refused")
            return
        }
        #expect(partition.bounds.highWatermark == Offset(6))
    }

    @Test("A repeat in the same group waits for the first one's sync, and shares its fate")
    func duplicateInFlight() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        let first = bench.append(partition, batch(0))
        let second = bench.append(partition, batch(0))
        bench.log.step()
        #expect(bench.outcomes[first]?.base == 0)
        #expect(bench.outcomes[second]?.isDuplicate == true)
        bench.disk.set { [syncs = bench.disk.counts.fileSyncs] in $0.failingSync = syncs + 1 }
        let third = bench.append(partition, batch(1))
        let fourth = bench.append(partition, batch(1))
        bench.log.step()
        #expect(bench.outcomes[third]?.error != nil && bench.outcomes[fourth]?.error != nil)
        #expect(bench.appendNow(partition, batch(1))?.base == 1)
    }

    @Test("A gap is refused, and the producer may go on where it was")
    func gap() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        _ = bench.appendNow(partition, batch(0, count: 3))
        guard case .outOfOrderSequence? = bench.appendNow(partition, batch(4)) else {
            Issue.record("a gap was let in")
            return
        }
        #expect(bench.appendNow(partition, batch(3))?.base == 3)
    }

    @Test("An older epoch is refused; a new one begins at sequence 0 and nowhere else")
    func epochs() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        _ = bench.appendNow(partition, batch(0, epoch: 1))
        guard case .staleProducerEpoch? = bench.appendNow(partition, batch(1, epoch: 0)) else {
            Issue.record("an older epoch was let in")
            return
        }
        guard case .outOfOrderSequence? = bench.appendNow(partition, batch(5, epoch: 2)) else {
            Issue.record("a new epoch began in the middle")
            return
        }
        #expect(bench.appendNow(partition, batch(0, epoch: 2))?.base == 1)
        guard case .staleProducerEpoch? = bench.appendNow(partition, batch(1, epoch: 1)) else {
            Issue.record("the epoch before was let in")
            return
        }
    }

    @Test("Of requests, whose ids come once, nothing is remembered: they push no producer out, and are read back like others")
    func requests() throws {
        let bench = try Bench(settings: Bench.settings { $0.producersPerPartitionMax = 3 })
        let partition = try bench.partition(0)
        #expect(bench.appendNow(partition, batch(0))?.base == 0)
        for number in 0..<10 {
            let id = ProducerIDRange.firstOfRequests + Int64(number)
            bench.clock.advance(1)
            #expect(bench.appendNow(partition, batch(0, producer: id))?.base != nil)
            #expect(bench.appendNow(partition, batch(1, producer: id))?.base != nil)
        }
        #expect(bench.log.statistics().producers == 1)
        #expect(bench.appendNow(partition, batch(0))?.isDuplicate == true)
        let again = try Bench(disk: bench.disk.copy())
        #expect(again.log.statistics().producers == 1)
        #expect(again.appendNow(try again.partition(0), batch(0))?.isDuplicate == true)
        #expect(again.appendNow(try again.partition(0), batch(2))?.base == nil)
    }

    @Test("An unknown producer may begin at any sequence (KIP-360)")
    func unknownProducer() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        #expect(bench.appendNow(partition, batch(17))?.base == 0)
        #expect(bench.appendNow(partition, batch(18))?.base == 1)
    }

    @Test("Sequences wrap from Int32.max to 0")
    func wraps() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        #expect(bench.appendNow(partition, batch(.max - 1, count: 3))?.base == 0)
        #expect(bench.appendNow(partition, batch(1))?.base == 3)
        #expect(ProducerStates.sequence(.max, advancedBy: 1) == 0)
        #expect(bench.appendNow(partition, batch(.max - 1, count: 3))?.isDuplicate == true)
    }

    @Test("Across a power loss and across a clean restart a repeat is still a repeat, and a gap still a gap", arguments: [true, false])
    func acrossRestarts(isClean: Bool) throws {
        for seed in UInt64(0)..<8 {
            let bench = try Bench()
            let partition = try bench.partition(0, PartitionSettings(segmentBytes: 2000))
            for sequence in 0..<12 as Range<Int32> { _ = bench.appendNow(partition, batch(sequence)) }
            if isClean { bench.log.close() }
            let again = try Bench(disk: bench.disk.afterPowerLoss(seed: seed))
            let reopened = try again.partition(0)
            let repeated = try #require(again.appendNow(reopened, batch(11)))
            #expect(repeated.isDuplicate && repeated.base == 11, "seed \(seed)")
            guard case .outOfOrderSequence? = again.appendNow(reopened, batch(13)) else {
                Issue.record("seed \(seed): a gap was let in after the restart")
                continue
            }
            #expect(again.appendNow(reopened, batch(12))?.base == 12)
        }
    }

    @Test("A batch that was refused for a full disk leaves no trace in the producer's state")
    func refusedLeavesNoTrace() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        _ = bench.appendNow(partition, batch(0))
        bench.disk.set { [writes = bench.disk.counts.writes] in
            $0.fullAtWrite = writes + 1
            $0.fullUntilWrite = writes + 4
        }
        #expect(bench.appendNow(partition, batch(1))?.error == .diskFull)
        bench.disk.set { $0.fullAtWrite = nil }
        let outcome = try #require(bench.appendNow(partition, batch(1)))
        #expect(!outcome.isDuplicate && outcome.base == 1)
    }

    /// One batch of each producer, a millisecond apart, spread over the partitions.
    private func fill(_ bench: Bench, _ partitions: [Partition], _ producers: Range<Int64>) {
        for producer in producers {
            _ = bench.appendNow(partitions[Int(producer) % partitions.count], batch(0, producer: producer))
            bench.clock.advance(1)
        }
    }

    private func isKnown(_ producer: Int64, _ bench: Bench, _ partitions: [Partition]) -> Bool {
        bench.appendNow(partitions[Int(producer) % partitions.count], batch(0, producer: producer))?.isDuplicate == true
    }

    @Test("Producers in all: at the limit all are known, one past it those silent longest are not, and go on as unknown ones")
    func boundedInAll() throws {
        let bench = try Bench(settings: Bench.settings { $0.producersMax = 64 })
        let partitions = try (0..<3).map { try bench.partition($0) }
        fill(bench, partitions, 0..<64)
        #expect(bench.log.statistics().producers == 64)
        for producer in 0..<64 as Range<Int64> { #expect(isKnown(producer, bench, partitions)) }
        fill(bench, partitions, 64..<65)
        #expect(bench.log.statistics().producers <= 64)
        for producer in 32..<65 as Range<Int64> { #expect(isKnown(producer, bench, partitions), "producer \(producer)") }
        // Silent longest: its next batch is taken, and from then on it is known again.
        #expect(bench.appendNow(partitions[0], batch(1, producer: 0))?.isDuplicate == false)
        #expect(bench.appendNow(partitions[0], batch(2, producer: 0))?.base != nil)
        #expect(bench.appendNow(partitions[0], batch(2, producer: 0))?.isDuplicate == true)
    }

    @Test("Many producers of one moment are bounded too, over a restart as well, and a deleted partition's do not count")
    func boundedWhateverTheTime() throws {
        let bench = try Bench(settings: Bench.settings { $0.producersMax = 64 })
        let partitions = try (0..<3).map { try bench.partition($0) }
        for producer in 0..<200 as Range<Int64> { bench.append(partitions[Int(producer) % 3], batch(0, producer: producer)) }
        bench.log.step()
        #expect(bench.log.statistics().producers == 64)
        let again = try Bench(disk: bench.disk.copy(), settings: Bench.settings { $0.producersMax = 20 })
        #expect(again.log.statistics().producers == 20)
        try again.log.removePartition(Bench.id(0))
        try again.log.removePartition(Bench.id(1))
        try again.log.removePartition(Bench.id(2))
        #expect(again.log.statistics().producers == 0)
    }

    @Test("Producers of a partition are bounded by each commit, not only in rounds of upkeep")
    func boundedPerPartition() throws {
        let bench = try Bench(settings: Bench.settings { $0.producersPerPartitionMax = 32 })
        let partition = try bench.partition(0)
        fill(bench, [partition], 0..<32)
        #expect(bench.log.statistics().producers == 32)
        fill(bench, [partition], 32..<33)
        #expect(bench.log.statistics().producers <= 32)
        #expect(isKnown(32, bench, [partition]))
        #expect(!isKnown(0, bench, [partition]))
    }

    @Test("Producers expire by time, and their count is bounded: at the limit all stay, one past it some go")
    func expires() throws {
        var states = ProducerStates()
        for id in 0..<100 as Range<Int64> {
            states.record(producerID: id, epoch: 0, batch: .init(firstSequence: 0, lastSequence: 0, baseOffset: id, appendTime: id))
        }
        states.trim(countMax: 100)
        #expect(states.entries.count == 100)
        states.record(producerID: 100, epoch: 0, batch: .init(firstSequence: 0, lastSequence: 0, baseOffset: 100, appendTime: 100))
        states.trim(countMax: 100)
        #expect(states.entries.count <= 100 && states.entries[100] != nil && states.entries[0] == nil)
        states.expire(before: 90)
        #expect(states.entries.keys.allSatisfy { $0 >= 90 })
    }
}

import KafkaWire
import NIOCore
import Storage
import Testing

@testable import Broker

@Suite("Sequence gaps")
struct SequenceGapsTests {
    private let partition = PartitionID(topic: UUID128(high: 1, low: 1), partition: 0)

    private func header(_ sequence: Int32, epoch: Int16 = 0, producer: Int64 = 7) throws -> RecordBatchHeader {
        try RecordBatchHeader(peekingAt: Batches.batch(producerID: producer, epoch: epoch, sequence: sequence))
    }

    @Test("What follows a refused batch is out of order until the gap is filled or the epoch rises")
    func follows() throws {
        var gaps = SequenceGaps()
        #expect(try !gaps.follows(header(10), in: partition))
        try gaps.refused(header(10), in: partition)
        try gaps.refused(header(20), in: partition)
        #expect(try gaps.follows(header(20), in: partition))
        #expect(try gaps.follows(header(30), in: partition))
        #expect(try !gaps.follows(header(0), in: partition), "a repeat is for the log to judge")
        #expect(try !gaps.follows(header(20, producer: 8), in: partition))
        #expect(try !gaps.follows(header(20), in: PartitionID(topic: partition.topic, partition: 1)))
        #expect(try !gaps.follows(header(0, epoch: 1), in: partition))
        #expect(try !gaps.follows(header(5, epoch: 1), in: partition), "the gap is closed")
        #expect(gaps.count == 0)
    }

    @Test("A gap is filled by the sequence that is missing, also where sequences wrap")
    func filled() throws {
        var gaps = SequenceGaps()
        try gaps.refused(header(.max), in: partition)
        #expect(try gaps.follows(header(0), in: partition))
        #expect(try gaps.follows(header(3), in: partition))
        #expect(try !gaps.follows(header(.max - 4), in: partition))
        #expect(try !gaps.follows(header(.max), in: partition))
        #expect(try !gaps.follows(header(0), in: partition))
    }

    @Test("A connection remembers as many gaps as its limit")
    func limit() throws {
        var gaps = SequenceGaps()
        for producer in 0...Int64(Limits.sequenceGapsPerConnectionMax) { try gaps.refused(header(0, producer: producer), in: partition) }
        #expect(gaps.count == Limits.sequenceGapsPerConnectionMax)
        #expect(try gaps.follows(header(1, producer: Int64(Limits.sequenceGapsPerConnectionMax) - 1), in: partition))
        #expect(try !gaps.follows(header(1, producer: Int64(Limits.sequenceGapsPerConnectionMax)), in: partition))
    }

    @Test("A batch in flight behind a refused one is not stored, and is when its client begins a new epoch")
    func endToEnd() throws {
        let fixture = try BrokerFixture(
            configuration: ["hanbridge.schema.subject": ""], schemas: [.count("\(BrokerFixture.topic)-value")])
        let connection = try TestConnection(fixture, BrokerFixture.ward)
        func send(_ records: [TestRecord], epoch: Int16, sequence: Int32) throws -> ErrorCode {
            let batch = Batches.batch(records: records, producerID: 7, epoch: epoch, sequence: sequence)
            let number = connection.send(ProduceRequest(batches: [(0, batch)]), version: 9)
            return try connection.response(number, to: ProduceRequest.self, version: 9).responses[0].partitionResponses[0].errorCode
        }
        #expect(try send([.good, .bad], epoch: 0, sequence: 0) == .invalidRecord)
        #expect(try send([.good], epoch: 0, sequence: 2) == .outOfOrderSequenceNumber)
        #expect(try send([.good], epoch: 1, sequence: 0) == .none)
        #expect(try send([.good], epoch: 1, sequence: 1) == .none)
        #expect(fixture.storedBatches == 2)
    }
}

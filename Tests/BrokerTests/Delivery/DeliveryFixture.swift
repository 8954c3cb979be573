import Foundation
import KafkaWire
import MessageSchema
import NIOCore
import NIOEmbedded
import Storage
import Testing

@testable import Broker

extension BrokerFixture {
    var ledgerPartition: InMemoryPartition { log(of: AuditTopic.delivery) }

    /// Every entry of the ledger, in order; each has been held to its schema.
    func ledger() throws -> [DeliveryEvent] { try Self.ledger(of: ledgerPartition) }

    static func ledger(of partition: InMemoryPartition) throws -> [DeliveryEvent] {
        let schema = try CompiledSchema(compiling: SchemaSource(format: .json, text: AuditSchema.delivery))
        return try partition.snapshot.stored.flatMap { batch in
            try RecordReader(batch: batch.bytes).map { record in
                let value = Array((record.value ?? ByteBuffer()).readableBytesView)
                #expect(value.withUnsafeBytes { schema.violations(in: $0) } == [], "\(String(decoding: value, as: UTF8.self))")
                return try JSONDecoder().decode(DeliveryEvent.self, from: Data(value))
            }
        }
    }

    /// What the ledger says was handed over: `node topic/partition: offsets`.
    func told(_ kind: DeliveryEvent.Kind = .delivered) throws -> [String] {
        try ledger().filter { $0.kind == kind }.flatMap { event in
            (event.data.deliveries ?? []).map { "\(event.data.node ?? "") \($0.topic)/\($0.partition): \($0.offsets)" }
        }
    }

    func publish(_ values: [String], to topic: String = BrokerFixture.topic, partition: Int32 = 0) throws {
        let ward = try TestConnection(self, Self.ward)
        ward.send(ProduceRequest(to: topic, batches: [(partition, Batches.batch(values))]), version: 9)
        store.commit()
        ward.loop.run()
    }
}

extension TestConnection {
    func fetch(
        _ fixture: BrokerFixture, _ asked: [Asked] = [Asked()], topic: String = BrokerFixture.topic, wait: Int32 = 0, clientID: String = "test"
    ) -> Int {
        send(FetchRequest(of: fixture.topic(topic), asked, version: 12, wait: wait), version: 12, clientID: clientID)
    }

    func partition(_ number: Int) throws -> FetchResponse.Partition {
        try response(number, to: FetchRequest.self, version: 12).partitions[0]
    }

    func values(_ number: Int) throws -> [String] { try Batches.values(partition(number).records) }
}

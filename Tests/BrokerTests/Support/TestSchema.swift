import KafkaWire
import MessageSchema
import NIOCore
import Storage

@testable import Broker

/// A schema of a fixture's registry; its id is its place, from 1.
struct TestSchema {
    let subject: String
    let version: Int32
    var format = SchemaFormat.json
    let text: String
    var isDeleted = false

    /// `{"ward": string, "count": integer from 0}`, both required.
    static func count(_ subject: String, version: Int32 = 1, isDeleted: Bool = false) -> TestSchema {
        TestSchema(
            subject: subject, version: version,
            text: #"""
                {"type":"object","required":["ward","count"],"properties":{"ward":{"type":"string"},"count":{"type":"integer","minimum":0}},
                 "title":"version \#(version) of \#(subject)"}
                """#, isDeleted: isDeleted)
    }

    static func registry(_ schemas: [TestSchema]) -> SchemaRegistry {
        var image = RegistryImage()
        for (place, schema) in schemas.enumerated() {
            image.schemas.append(SchemaRecord(id: Int32(place + 1), format: schema.format.rawValue, text: schema.text, createdAt: 0))
            if !image.subjects.contains(where: { $0.name == schema.subject }) {
                image.subjects.append(SubjectRecord(name: schema.subject, owner: "health"))
            }
            image.versions.append(
                SubjectVersionRecord(
                    name: SubjectVersionName(subject: schema.subject, version: schema.version), schema: Int32(place + 1),
                    isDeleted: schema.isDeleted, registeredAt: 0, registeredBy: "test"))
        }
        return SchemaRegistry(image, options: SchemaOptions())
    }
}

/// A record of a test's batch.
struct TestRecord {
    var key: String?
    /// Confluent's frame goes before it; nil for a bare document.
    var schema: Int32?
    /// nil for a tombstone.
    var value: String?
    var headers: [String: String] = [:]

    static func typed(_ value: String, schema: Int32 = 1) -> TestRecord { TestRecord(schema: schema, value: value) }
    static let good = TestRecord.typed(#"{"ward":"Hải Châu","count":3}"#)
    static let bad = TestRecord.typed(#"{"ward":"Hải Châu","count":-1}"#)

    var payload: ByteBuffer? {
        guard let value else { return nil }
        var buffer = ByteBuffer()
        if let schema {
            buffer.writeInteger(0 as UInt8)
            buffer.writeInteger(schema)
        }
        buffer.writeString(value)
        return buffer
    }
}

extension Batches {
    static func batch(
        records: [TestRecord], codec: Codec = .none, producerID: Int64 = -1, epoch: Int16 = -1, sequence: Int32 = -1
    ) -> ByteBuffer {
        var builder = RecordBatchBuilder(codec: codec)
        builder.producerID = producerID
        builder.producerEpoch = epoch
        builder.baseSequence = sequence
        for record in records {
            builder.append(
                key: record.key.map { ByteBuffer(string: $0) }, value: record.payload,
                headers: record.headers.sorted { $0.key < $1.key }.map { Record.Header(key: $0.key, value: ByteBuffer(string: $0.value)) },
                timestamp: timestamp)
        }
        return builder.build()
    }
}

/// The language of a schema, by the word that Confluent's Schema Registry API has for it (`schemaType`).
public enum SchemaFormat: String, Hashable, Sendable, CaseIterable {
    case json = "JSON"
    case avro = "AVRO"
    case protobuf = "PROTOBUF"
}

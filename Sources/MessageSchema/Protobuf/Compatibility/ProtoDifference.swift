/// A change between two versions of a `.proto` file that keeps readers of the one from payloads of the other. The words and what each
/// means are those of Confluent's Schema Registry (https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/serdes-protobuf.html,
/// "Protobuf schema compatibility rules"); changes that it takes for harmless are not listed here.
enum ProtoDifference: String {
    case packageChanged = "PACKAGE_CHANGED"
    case messageRemoved = "MESSAGE_REMOVED"
    case fieldKindChanged = "FIELD_KIND_CHANGED"
    case fieldScalarKindChanged = "FIELD_SCALAR_KIND_CHANGED"
    case fieldNamedTypeChanged = "FIELD_NAMED_TYPE_CHANGED"
    case fieldNumericLabelChanged = "FIELD_NUMERIC_LABEL_CHANGED"
    case requiredFieldAdded = "REQUIRED_FIELD_ADDED"
    case requiredFieldRemoved = "REQUIRED_FIELD_REMOVED"
    case oneofFieldRemoved = "ONEOF_FIELD_REMOVED"
    case multipleFieldsMovedToOneof = "MULTIPLE_FIELDS_MOVED_TO_ONEOF"
    case fieldMovedToExistingOneof = "FIELD_MOVED_TO_EXISTING_ONEOF"

    /// - Parameter name: of the element that changed.
    func sentence(_ name: String) -> String {
        switch self {
        case .packageChanged: "the package was \(name.isEmpty ? "none" : name) in the other version"
        case .messageRemoved: "message \(name) is gone; keep it, even if nothing uses it"
        case .fieldKindChanged: "field \(name) is a scalar, a map or a message where the other version has another of these"
        case .fieldScalarKindChanged: "the types of field \(name) in the two versions are not read alike"
        case .fieldNamedTypeChanged: "field \(name) holds another message than in the other version"
        case .fieldNumericLabelChanged: "field \(name) is a number that is repeated, required or optional in one version only"
        case .requiredFieldAdded: "the required field \(name) is missing in payloads of the other version"
        case .requiredFieldRemoved: "readers of the other version wait for the required field \(name)"
        case .oneofFieldRemoved: "field \(name) of a oneof is gone, so readers take the oneof for empty"
        case .multipleFieldsMovedToOneof: "fields that could be set together are in oneof \(name), which keeps only one of them"
        case .fieldMovedToExistingOneof: "a field has moved into oneof \(name) beside others, which keeps only one of them"
        }
    }
}

extension ProtobufProgram {
    func obstacles(reading writer: any SchemaProgram) -> [Incompatibility] {
        guard let writer = writer as? ProtobufProgram else { return [] }
        var comparison = ProtoComparison(original: writer.schema, update: schema)
        comparison.compare()
        return comparison.found
    }
}

// A `.proto` file as a value: what the parser reads from text and the decoder from a serialized FileDescriptorProto, and what the
// linker completes. Names and numbers follow google/protobuf/descriptor.proto.

enum ProtoSyntax: Sendable {
    case proto2, proto3
}

struct ProtoFile: Sendable {
    /// The path that others import it by.
    var name: String
    var package = ""
    var packagePosition = ProtoPosition()
    var syntax = ProtoSyntax.proto2
    var imports: [ProtoImport] = []
    var messages: [ProtoMessage] = []
    var enums: [ProtoEnum] = []
    var extensions: [ProtoField] = []
    var services: [ProtoService] = []
    var options = ProtoOptions()
}

struct ProtoImport: Sendable {
    enum Kind: Sendable { case plain, isPublic, weak }

    var path: String
    var kind: Kind
    var position: ProtoPosition
}

struct ProtoMessage: Sendable {
    var name: String
    var position = ProtoPosition()
    var fields: [ProtoField] = []
    var oneofs: [ProtoOneof] = []
    /// In the order of the text, with the entry types of maps and the types of groups where their fields stand: message indexes
    /// count them.
    var messages: [ProtoMessage] = []
    var enums: [ProtoEnum] = []
    var extensions: [ProtoField] = []
    var extensionRanges: [ProtoRange] = []
    var reservedRanges: [ProtoRange] = []
    var reservedNames: [ProtoName] = []
    var options = ProtoOptions()
    var isMapEntry = false
}

struct ProtoOneof: Sendable {
    var name: String
    var position = ProtoPosition()
    var options = ProtoOptions()
    /// Made for an `optional` field of proto3: it has no name in the text.
    var isSynthetic = false
}

struct ProtoName: Sendable {
    var text: String
    var position = ProtoPosition()
}

/// Numbers from `first` to `last`, both included.
struct ProtoRange: Sendable {
    var first: Int32
    var last: Int32
    var position = ProtoPosition()
    var options = ProtoOptions()

    func overlaps(_ other: ProtoRange) -> Bool { first <= other.last && other.first <= last }
    func contains(_ number: Int32) -> Bool { first <= number && number <= last }
}

struct ProtoEnum: Sendable {
    var name: String
    var position = ProtoPosition()
    var values: [ProtoEnumValue] = []
    var reservedRanges: [ProtoRange] = []
    var reservedNames: [ProtoName] = []
    var options = ProtoOptions()
}

struct ProtoEnumValue: Sendable {
    var name: String
    var number: Int32
    var position = ProtoPosition()
    var options = ProtoOptions()
}

struct ProtoService: Sendable {
    var name: String
    var position = ProtoPosition()
    var methods: [ProtoMethod] = []
    var options = ProtoOptions()
}

struct ProtoMethod: Sendable {
    var name: String
    var position = ProtoPosition()
    var input: ProtoName
    var output: ProtoName
    var streamsInput = false
    var streamsOutput = false
    var options = ProtoOptions()
}

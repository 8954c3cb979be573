/// Writes a linked file as a serialized `google.protobuf.FileDescriptorProto`, which clients that generate no code ask the registry for.
/// Field numbers: google/protobuf/descriptor.proto.
struct ProtoFileEncoder {
    let schema: ProtoSchema

    /// - Parameter name: the file's name in the descriptor.
    static func encode(_ schema: ProtoSchema, name: String) -> [UInt8] {
        ProtoFileEncoder(schema: schema).encode(schema.root, name: name).bytes
    }

    private func encode(_ file: ProtoFile, name: String) -> ProtoWireWriter {
        var writer = ProtoWireWriter()
        writer.field(1, name)
        if !file.package.isEmpty { writer.field(2, file.package) }
        for item in file.imports { writer.field(3, item.path) }
        for message in file.messages { writer.field(4, encode(message)) }
        for item in file.enums { writer.field(5, encode(item)) }
        for service in file.services { writer.field(6, encode(service)) }
        for field in file.extensions { writer.field(7, encode(field)) }
        add(file.options, 8, as: "File", to: &writer)
        for (index, item) in file.imports.enumerated() where item.kind == .isPublic { writer.field(10, index) }
        for (index, item) in file.imports.enumerated() where item.kind == .weak { writer.field(11, index) }
        if file.syntax == .proto3 { writer.field(12, "proto3") }
        return writer
    }

    private func add(_ options: ProtoOptions, _ number: Int32, as kind: String, to writer: inout ProtoWireWriter) {
        let bytes = options.serialized.isEmpty
            ? ProtoOptionCoding(schema: schema).encode(options.fields, as: "google.protobuf.\(kind)Options").bytes : options.serialized
        if !bytes.isEmpty { writer.field(number, bytes) }
    }

    private func encode(_ message: ProtoMessage) -> ProtoWireWriter {
        var writer = ProtoWireWriter()
        writer.field(1, message.name)
        for field in message.fields { writer.field(2, encode(field)) }
        for nested in message.messages { writer.field(3, encode(nested)) }
        for item in message.enums { writer.field(4, encode(item)) }
        for range in message.extensionRanges {
            var inner = encode(range, isClosed: false)
            add(range.options, 3, as: "ExtensionRange", to: &inner)
            writer.field(5, inner)
        }
        for field in message.extensions { writer.field(6, encode(field)) }
        if message.isMapEntry, message.options.serialized.isEmpty {
            writer.field(7, [0x38, 0x01])  // map_entry = true
        } else {
            add(message.options, 7, as: "Message", to: &writer)
        }
        for oneof in message.oneofs {
            var inner = ProtoWireWriter()
            inner.field(1, oneof.name)
            add(oneof.options, 2, as: "Oneof", to: &inner)
            writer.field(8, inner)
        }
        for range in message.reservedRanges { writer.field(9, encode(range, isClosed: false)) }
        for name in message.reservedNames { writer.field(10, name.text) }
        return writer
    }

    /// - Parameter isClosed: the end is part of the range, as in enums.
    private func encode(_ range: ProtoRange, isClosed: Bool) -> ProtoWireWriter {
        var writer = ProtoWireWriter()
        writer.field(1, Int(range.first))
        writer.field(2, Int(range.last) + (isClosed ? 0 : 1))
        return writer
    }

    private func encode(_ field: ProtoField) -> ProtoWireWriter {
        var writer = ProtoWireWriter()
        writer.field(1, field.name)
        if let extendee = field.extendee { writer.field(2, "." + extendee.text) }
        writer.field(3, Int(field.number))
        writer.field(4, field.label.rawValue)
        switch field.type {
        case .scalar(let scalar): writer.field(5, scalar.rawValue)
        case .group(let name): add(10, name, to: &writer)
        case .message(let name), .named(let name): add(11, name, to: &writer)
        case .enumeration(let name): add(14, name, to: &writer)
        }
        if let value = field.defaultValue { writer.field(7, value) }
        add(field.options, 8, as: "Field", to: &writer)
        if let oneof = field.oneof { writer.field(9, oneof) }
        if let name = field.jsonName { writer.field(10, name) }
        writer.field(17, field.isProto3Optional)
        return writer
    }

    private func add(_ type: Int, _ name: String, to writer: inout ProtoWireWriter) {
        writer.field(5, type)
        writer.field(6, "." + name)
    }

    private func encode(_ item: ProtoEnum) -> ProtoWireWriter {
        var writer = ProtoWireWriter()
        writer.field(1, item.name)
        for value in item.values {
            var inner = ProtoWireWriter()
            inner.field(1, value.name)
            inner.field(2, Int(value.number))
            add(value.options, 3, as: "EnumValue", to: &inner)
            writer.field(2, inner)
        }
        add(item.options, 3, as: "Enum", to: &writer)
        for range in item.reservedRanges { writer.field(4, encode(range, isClosed: true)) }
        for name in item.reservedNames { writer.field(5, name.text) }
        return writer
    }

    private func encode(_ service: ProtoService) -> ProtoWireWriter {
        var writer = ProtoWireWriter()
        writer.field(1, service.name)
        for method in service.methods {
            var inner = ProtoWireWriter()
            inner.field(1, method.name)
            inner.field(2, "." + method.input.text)
            inner.field(3, "." + method.output.text)
            add(method.options, 4, as: "Method", to: &inner)
            inner.field(5, method.streamsInput)
            inner.field(6, method.streamsOutput)
            writer.field(2, inner)
        }
        add(service.options, 3, as: "Service", to: &writer)
        return writer
    }
}

/// Reads a serialized `google.protobuf.FileDescriptorProto`, the form in which Confluent's Python client registers schemas. Field
/// numbers: google/protobuf/descriptor.proto.
struct ProtoFileDecoder {
    let file: String

    static func file(named name: String, bytes: [UInt8]) throws(SchemaError) -> ProtoFile {
        try ProtoFileDecoder(file: name).decodeFile(bytes)
    }

    private func decodeFile(_ bytes: [UInt8]) throws(SchemaError) -> ProtoFile {
        var result = ProtoFile(name: file)
        var publicOnes: Set<Int32> = []
        var weakOnes: Set<Int32> = []
        var reader = ProtoWireReader(bytes[...], file: file)
        while let (number, value) = try reader.next() {
            switch number {
            case 2: result.package = try text(value)
            case 3: result.imports.append(ProtoImport(path: try text(value), kind: .plain, position: ProtoPosition()))
            case 10: publicOnes.insert(int32(value))
            case 11: weakOnes.insert(int32(value))
            case 4: result.messages.append(try message(try content(value), depth: 1))
            case 5: result.enums.append(try enumeration(try content(value)))
            case 6: result.services.append(try service(try content(value)))
            case 7: result.extensions.append(try field(try content(value), isExtension: true))
            case 8: result.options = try options(value)
            case 12: result.syntax = try syntax(try text(value))
            case 14: throw error("editions are not supported; use syntax = \"proto3\" or \"proto2\"")
            default: break
            }
        }
        for index in result.imports.indices {
            if publicOnes.contains(Int32(index)) { result.imports[index].kind = .isPublic }
            if weakOnes.contains(Int32(index)) { result.imports[index].kind = .weak }
        }
        markProto3Optionals(of: &result)
        return result
    }

    private func syntax(_ word: String) throws(SchemaError) -> ProtoSyntax {
        switch word {
        case "proto2", "": .proto2
        case "proto3": .proto3
        case "editions": throw error("editions are not supported; use syntax = \"proto3\" or \"proto2\"")
        default: throw error("the syntax is \"proto2\" or \"proto3\"")
        }
    }

    private func markProto3Optionals(of file: inout ProtoFile) {
        func mark(_ message: inout ProtoMessage) {
            for field in message.fields where field.isProto3Optional {
                if let oneof = field.oneof, message.oneofs.indices.contains(oneof) { message.oneofs[oneof].isSynthetic = true }
            }
            for index in message.messages.indices { mark(&message.messages[index]) }
        }
        for index in file.messages.indices { mark(&file.messages[index]) }
    }

    private func message(_ bytes: ArraySlice<UInt8>, depth: Int) throws(SchemaError) -> ProtoMessage {
        guard depth <= ProtoParser.nestingMax else { throw error("messages nest at most \(ProtoParser.nestingMax) deep") }
        var result = ProtoMessage(name: "")
        var reader = ProtoWireReader(bytes, file: file)
        while let (number, value) = try reader.next() {
            switch number {
            case 1: result.name = try text(value)
            case 2: result.fields.append(try field(try content(value), isExtension: false))
            case 3: result.messages.append(try message(try content(value), depth: depth + 1))
            case 4: result.enums.append(try enumeration(try content(value)))
            case 5: result.extensionRanges.append(try range(try content(value), isClosed: false))
            case 6: result.extensions.append(try field(try content(value), isExtension: true))
            case 7:
                result.options = try options(value)
                result.isMapEntry = try isMapEntry(result.options.serialized)
            case 8: result.oneofs.append(try oneof(try content(value)))
            case 9: result.reservedRanges.append(try range(try content(value), isClosed: false))
            case 10: result.reservedNames.append(ProtoName(text: try text(value)))
            default: break
            }
        }
        return result
    }

    private func isMapEntry(_ options: [UInt8]) throws(SchemaError) -> Bool {
        var reader = ProtoWireReader(options[...], file: file)
        while let (number, value) = try reader.next() {
            if number == 7, let flag = value.integer { return flag != 0 }
        }
        return false
    }

    private func oneof(_ bytes: ArraySlice<UInt8>) throws(SchemaError) -> ProtoOneof {
        var result = ProtoOneof(name: "")
        var reader = ProtoWireReader(bytes, file: file)
        while let (number, value) = try reader.next() {
            if number == 1 { result.name = try text(value) } else if number == 2 { result.options = try options(value) }
        }
        return result
    }

    /// - Parameter isClosed: the end is part of the range, as in enums.
    private func range(_ bytes: ArraySlice<UInt8>, isClosed: Bool) throws(SchemaError) -> ProtoRange {
        var result = ProtoRange(first: 0, last: 0)
        var reader = ProtoWireReader(bytes, file: file)
        while let (number, value) = try reader.next() {
            switch number {
            case 1: result.first = int32(value)
            case 2: result.last = isClosed ? int32(value) : int32(value) &- 1
            case 3: result.options = try options(value)
            default: break
            }
        }
        return result
    }

    private func field(_ bytes: ArraySlice<UInt8>, isExtension: Bool) throws(SchemaError) -> ProtoField {
        var result = ProtoField(name: "", number: 0, label: .optional, type: .named(""))
        var kind: UInt64 = 0
        var typeName = ""
        var reader = ProtoWireReader(bytes, file: file)
        while let (number, value) = try reader.next() {
            switch number {
            case 1: result.name = try text(value)
            case 2: result.extendee = ProtoName(text: try text(value))
            case 3: result.number = int32(value)
            case 4: result.label = ProtoField.Label(rawValue: Int(int32(value))) ?? .optional
            case 5: kind = value.integer ?? 0
            case 6: typeName = try text(value)
            case 7: result.defaultValue = try text(value)
            case 8: result.options = try options(value)
            case 9: result.oneof = Int(int32(value))
            case 10: result.jsonName = try text(value)
            case 17: result.isProto3Optional = value.integer == 1
            default: break
            }
        }
        guard (result.extendee != nil) == isExtension else { throw error("field \(result.name) is an extension where none may stand, or the reverse") }
        if result.jsonName == ProtoChecker.jsonName(of: result.name) { result.jsonName = nil }
        result.type = try type(kind: kind, name: typeName, of: result.name)
        return result
    }

    private func type(kind: UInt64, name: String, of field: String) throws(SchemaError) -> ProtoFieldType {
        switch kind {
        case 0 where !name.isEmpty: return .named(name)
        case 10: return .group(name)
        case 11: return .message(name)
        case 14: return .enumeration(name)
        default:
            guard let scalar = Int(exactly: kind).flatMap(ProtoScalar.init(rawValue:)) else { throw error("field \(field) has no type that Protobuf knows") }
            return .scalar(scalar)
        }
    }

    // MARK: - Enums and services

    private func enumeration(_ bytes: ArraySlice<UInt8>) throws(SchemaError) -> ProtoEnum {
        var result = ProtoEnum(name: "")
        var reader = ProtoWireReader(bytes, file: file)
        while let (number, value) = try reader.next() {
            switch number {
            case 1: result.name = try text(value)
            case 2: result.values.append(try enumValue(try content(value)))
            case 3: result.options = try options(value)
            case 4: result.reservedRanges.append(try range(try content(value), isClosed: true))
            case 5: result.reservedNames.append(ProtoName(text: try text(value)))
            default: break
            }
        }
        return result
    }

    private func enumValue(_ bytes: ArraySlice<UInt8>) throws(SchemaError) -> ProtoEnumValue {
        var result = ProtoEnumValue(name: "", number: 0)
        var reader = ProtoWireReader(bytes, file: file)
        while let (number, value) = try reader.next() {
            switch number {
            case 1: result.name = try text(value)
            case 2: result.number = int32(value)
            case 3: result.options = try options(value)
            default: break
            }
        }
        return result
    }

    private func service(_ bytes: ArraySlice<UInt8>) throws(SchemaError) -> ProtoService {
        var result = ProtoService(name: "")
        var reader = ProtoWireReader(bytes, file: file)
        while let (number, value) = try reader.next() {
            switch number {
            case 1: result.name = try text(value)
            case 2: result.methods.append(try method(try content(value)))
            case 3: result.options = try options(value)
            default: break
            }
        }
        return result
    }

    private func method(_ bytes: ArraySlice<UInt8>) throws(SchemaError) -> ProtoMethod {
        var result = ProtoMethod(name: "", input: ProtoName(text: ""), output: ProtoName(text: ""))
        var reader = ProtoWireReader(bytes, file: file)
        while let (number, value) = try reader.next() {
            switch number {
            case 1: result.name = try text(value)
            case 2: result.input.text = try text(value)
            case 3: result.output.text = try text(value)
            case 4: result.options = try options(value)
            case 5: result.streamsInput = value.integer == 1
            case 6: result.streamsOutput = value.integer == 1
            default: break
            }
        }
        return result
    }

    // MARK: - Values

    private func options(_ value: ProtoWireReader.Value) throws(SchemaError) -> ProtoOptions {
        var result = ProtoOptions()
        result.serialized = Array(try content(value))
        return result
    }

    private func content(_ value: ProtoWireReader.Value) throws(SchemaError) -> ArraySlice<UInt8> {
        guard let bytes = value.bytes else { throw error("this is no FileDescriptorProto: a message is expected where a number stands") }
        return bytes
    }

    private func text(_ value: ProtoWireReader.Value) throws(SchemaError) -> String {
        guard let text = String(validating: try content(value), as: UTF8.self) else { throw error("a name in the descriptor is not UTF-8") }
        return text
    }

    private func int32(_ value: ProtoWireReader.Value) -> Int32 {
        Int32(truncatingIfNeeded: value.integer ?? 0)
    }

    private func error(_ message: String) -> SchemaError { SchemaError(at: file, message) }
}

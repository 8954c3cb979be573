extension ProtoParser {
    mutating func parseEnum() throws(SchemaError) -> ProtoEnum {
        try advance()
        let position = token.position
        var result = ProtoEnum(name: try takeIdentifier("the name of an enum"), position: position)
        try take("{")
        while try !skip("}") {
            guard token.kind != .end else { throw error("the text ends inside enum \(result.name); close it with }") }
            if try skip(";") { continue }
            switch word {
            case "option": result.options.written.append(try parseOptionStatement())
            case "reserved": try parseReserved(&result.reservedRanges, &result.reservedNames, signed: true)
            default: result.values.append(try parseEnumValue())
            }
        }
        return result
    }

    private mutating func parseEnumValue() throws(SchemaError) -> ProtoEnumValue {
        let position = token.position
        let name = try takeIdentifier("the name of an enum value")
        try take("=")
        var value = ProtoEnumValue(name: name, number: try takeSignedInt32("the number of an enum value"), position: position)
        if try skip("[") {
            repeat { value.options.written.append(try parseOption()) } while try skip(",")
            try take("]")
        }
        try take(";")
        return value
    }

    mutating func parseService() throws(SchemaError) -> ProtoService {
        try advance()
        let position = token.position
        var service = ProtoService(name: try takeIdentifier("the name of a service"), position: position)
        try take("{")
        while try !skip("}") {
            guard token.kind != .end else { throw error("the text ends inside service \(service.name); close it with }") }
            if try skip(";") { continue }
            switch word {
            case "option": service.options.written.append(try parseOptionStatement())
            case "rpc": service.methods.append(try parseMethod())
            default: throw error("a service holds rpc and option")
            }
        }
        return service
    }

    /// `rpc Name (stream Type) returns (stream Type);`
    private mutating func parseMethod() throws(SchemaError) -> ProtoMethod {
        try advance()
        let position = token.position
        let name = try takeIdentifier("the name of a method")
        let (input, streamsInput) = try parseMethodType()
        try take("returns")
        let (output, streamsOutput) = try parseMethodType()
        var method = ProtoMethod(
            name: name, position: position, input: input, output: output, streamsInput: streamsInput, streamsOutput: streamsOutput)
        if try skip("{") {
            while try !skip("}") {
                if try skip(";") { continue }
                guard at("option") else { throw error("a method holds options only") }
                method.options.written.append(try parseOptionStatement())
            }
        } else {
            try take(";")
        }
        return method
    }

    private mutating func parseMethodType() throws(SchemaError) -> (ProtoName, streams: Bool) {
        try take("(")
        let streams = try skip("stream")
        let type = try takeTypeName()
        try take(")")
        return (type, streams)
    }
}

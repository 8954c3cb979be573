extension ProtoOptionInterpreter {
    /// Interprets the options of every element of every file.
    static func interpretAll(_ schema: inout ProtoSchema, symbols: ProtoSymbols) throws(SchemaError) {
        var files = schema.files
        for index in files.indices {
            let walk = Walk(schema: schema, symbols: symbols, file: index)
            try walk.visit(&files[index])
        }
        schema.files = files
    }

    private struct Walk {
        let schema: ProtoSchema
        let symbols: ProtoSymbols
        let file: Int

        func interpret(_ options: inout ProtoOptions, as kind: String, in scope: String) throws(SchemaError) {
            guard !options.written.isEmpty || !options.serialized.isEmpty else { return }
            try ProtoOptionInterpreter(schema: schema, symbols: symbols, file: file, scope: scope)
                .interpret(&options, as: "google.protobuf.\(kind)Options")
        }

        func visit(_ file: inout ProtoFile) throws(SchemaError) {
            let scope = file.package
            try interpret(&file.options, as: "File", in: scope)
            for index in file.messages.indices { try visit(&file.messages[index], in: scope) }
            for index in file.enums.indices { try visit(&file.enums[index], in: scope) }
            for index in file.extensions.indices { try interpret(&file.extensions[index].options, as: "Field", in: scope) }
            for index in file.services.indices {
                let inner = ProtoSchema.join(scope, file.services[index].name)
                try interpret(&file.services[index].options, as: "Service", in: inner)
                for method in file.services[index].methods.indices {
                    try interpret(&file.services[index].methods[method].options, as: "Method", in: inner)
                }
            }
        }

        func visit(_ message: inout ProtoMessage, in outer: String) throws(SchemaError) {
            let scope = ProtoSchema.join(outer, message.name)
            try interpret(&message.options, as: "Message", in: scope)
            for index in message.fields.indices { try interpret(&message.fields[index].options, as: "Field", in: scope) }
            for index in message.oneofs.indices { try interpret(&message.oneofs[index].options, as: "Oneof", in: scope) }
            for index in message.extensions.indices { try interpret(&message.extensions[index].options, as: "Field", in: scope) }
            for index in message.extensionRanges.indices {
                try interpret(&message.extensionRanges[index].options, as: "ExtensionRange", in: scope)
            }
            for index in message.messages.indices { try visit(&message.messages[index], in: scope) }
            for index in message.enums.indices { try visit(&message.enums[index], in: scope) }
        }

        func visit(_ item: inout ProtoEnum, in outer: String) throws(SchemaError) {
            let scope = ProtoSchema.join(outer, item.name)
            try interpret(&item.options, as: "Enum", in: scope)
            for index in item.values.indices { try interpret(&item.values[index].options, as: "EnumValue", in: scope) }
        }
    }
}

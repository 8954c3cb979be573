/// The options of one element: as they were written, until the linker has interpreted them.
struct ProtoOptions: Sendable {
    /// From text.
    var written: [ProtoOption] = []
    /// From a serialized descriptor: the bytes of its options message.
    var serialized: [UInt8] = []
    /// The fields of the options message, each name and type checked; in the order of their numbers.
    var fields: [ProtoOptionField] = []

    /// The last value of a plain option, such as `deprecated`.
    subscript(name: String) -> ProtoOptionValue? {
        fields.last { $0.name == name && !$0.isExtension }?.value
    }

    func isTrue(_ name: String) -> Bool {
        self[name] == .identifier("true")
    }

    /// The values of a custom option, by its full name.
    func extensions(named name: String) -> [ProtoOptionValue] {
        fields.filter { $0.isExtension && $0.name == name }.map(\.value)
    }
}

/// `(name.space.option).field = value`, as written.
struct ProtoOption: Sendable {
    struct Part: Hashable, Sendable {
        var name: String
        /// In parentheses: the name of an extension.
        var isExtension: Bool
    }

    var parts: [Part]
    var value: ProtoOptionValue
    var position: ProtoPosition
    var valuePosition: ProtoPosition
}

/// A field of an options message, or of a message inside it.
struct ProtoOptionField: Hashable, Sendable {
    /// The field's name, or an extension's full name.
    var name: String
    var isExtension: Bool
    /// 0 until the name is resolved.
    var number: Int32 = 0
    var value: ProtoOptionValue
}

indirect enum ProtoOptionValue: Hashable, Sendable {
    /// `true`, `inf`, an enum value.
    case identifier(String)
    case integer(UInt64)
    /// Minus the number.
    case negative(UInt64)
    case float(Double)
    case string([UInt8])
    case message([ProtoOptionField])
    /// Of the text only: a list in an aggregate, before it is spread over as many fields.
    case list([ProtoOptionValue])

    var text: String? {
        if case .string(let bytes) = self { return String(validating: bytes, as: UTF8.self) }
        return nil
    }
}

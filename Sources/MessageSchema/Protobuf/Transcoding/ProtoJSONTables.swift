/// What the JSON mapping looks up, made once for a schema: a message of many fields would otherwise cost as much for each record as all
/// of its fields.
struct ProtoJSONTables: Sendable {
    struct Message: Sendable {
        /// In the order of the text.
        let fields: [ProtoField]
        /// In JSON, for each of the fields.
        let names: [String]
        /// Indices of fields, by each name that is read.
        fileprivate let byName: [String: Int]
        fileprivate let byNumber: [Int32: Int]

        init(_ message: ProtoMessage) {
            fields = message.fields
            let names = message.fields.map(ProtoJSON.names)
            self.names = names.map { $0[0] }
            byName = Dictionary(
                names.enumerated().flatMap { index, names in names.map { ($0, index) } }, uniquingKeysWith: { first, _ in first })
            byNumber = Dictionary(message.fields.enumerated().map { ($1.number, $0) }, uniquingKeysWith: { first, _ in first })
        }

        func field(named name: String) -> ProtoField? { byName[name].map { fields[$0] } }

        func index(ofNumber number: Int32) -> Int? { byNumber[number] }
    }

    struct Enumeration: Sendable {
        private let byName: [String: Int32]
        private let byNumber: [Int32: String]

        init(_ enumeration: ProtoEnum) {
            let values = enumeration.values
            byName = Dictionary(values.map { ($0.name, $0.number) }, uniquingKeysWith: { first, _ in first })
            // Of values that share a number the first one gives the name.
            byNumber = Dictionary(values.map { ($0.number, $0.name) }, uniquingKeysWith: { first, _ in first })
        }

        func number(named name: String) -> Int32? { byName[name] }

        func name(of number: Int64) -> String? { Int32(exactly: number).flatMap { byNumber[$0] } }
    }

    let schema: ProtoSchema
    let messages: [String: Message]
    let enumerations: [String: Enumeration]

    /// - Parameter names: of the messages that a payload may hold.
    init(_ schema: ProtoSchema, messages names: [String]) {
        self.schema = schema
        var messages: [String: Message] = [:]
        var enumerations: [String: Enumeration] = [:]
        for name in names {
            guard let message = schema.messages[name]?.element else { continue }
            messages[name] = Message(message)
            let extensions = (schema.extensionNames[name] ?? [:]).values.compactMap { schema.extensions[$0]?.element }
            for case .enumeration(let type) in (message.fields + extensions).map(\.type) where enumerations[type] == nil {
                enumerations[type] = schema.enums[type].map { Enumeration($0.element) }
            }
        }
        self.messages = messages
        self.enumerations = enumerations
    }
}

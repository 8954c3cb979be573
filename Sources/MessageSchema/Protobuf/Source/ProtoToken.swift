/// A place in a `.proto` text, from 1. Line 0 where a descriptor came without text.
struct ProtoPosition: Hashable, Sendable {
    var line: Int32 = 0
    /// In Unicode scalars.
    var column: Int32 = 0

    func error(in file: String, _ message: String) -> SchemaError {
        SchemaError(at: line == 0 ? file : "\(file):\(line):\(column)", message)
    }
}

/// One lexical element of a `.proto` text.
struct ProtoToken: Sendable {
    enum Kind: Sendable {
        case identifier, integer, float, string, symbol, end
    }

    var kind: Kind
    /// Bytes of the text; a string's are with its quotes.
    var bytes: Range<Int>
    var position: ProtoPosition
}

// Payloads as JSON and JSON as payloads: for people, who read and write no binary. Not for the way of a record: what is checked there
// is the payload as it came.

extension CompiledSchema {
    /// A payload as a JSON document on one line.
    /// - Parameter payload: without registry framing, as for `violations`.
    ///
    /// A payload need not be valid, or a record that was refused could not be looked at: a value that is out of its range, in no code list
    /// or of too many digits is written as it is, and fields that the schema does not know are left out.
    /// - Throws: where the payload cannot be read, or would be larger as JSON than `SchemaLimits.transcodedBytesMax`.
    public func json(of payload: [UInt8], framing: PayloadFraming = .plain) throws(Violation) -> [UInt8] {
        let result: Result<[UInt8], Violation> = payload.withUnsafeBytes { bytes in
            do throws(Violation) { return .success(try program.json(of: bytes, framing: framing)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// The payload of a JSON document. Where the schema is JSON, the document itself.
    /// - Returns: what stands behind the registry's frame: for Protobuf under `.confluent` framing it begins with the message indexes.
    /// - Throws: the first place that cannot be written as the schema wants it. What can be written is not checked any further:
    ///   `violations` does that.
    public func payload(ofJSON document: [UInt8], framing: PayloadFraming = .plain) throws(Violation) -> [UInt8] {
        try program.payload(ofJSON: document, framing: framing)
    }

    /// The fields at the top of a document, with what each may be as JSON; nil where the schema names none.
    public var columns: [String: JSONTypeSet]? { program.columns }
}

extension SchemaLimits {
    /// Bytes of a payload written as JSON, or the other way round.
    public static let transcodedBytesMax = 16 << 20
    /// Values that writing one payload may try; branches of unions within each other could make it many.
    static let transcodedValuesMax = 5_000_000
}

extension Violation: Error {}

extension Violation {
    static func transcoding(_ rule: String, _ message: String, at path: [String] = []) -> Violation {
        Violation(path: JSONPath.text(path), rule: rule, message: message)
    }

    static let tooLarge = transcoding("size", "written otherwise the payload has more than \(SchemaLimits.transcodedBytesMax) bytes")
}

/// RFC 6901.
private enum JSONPath {
    static func text(_ parts: [String]) -> String {
        parts.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
    }
}

extension JSONEscapes {
    /// A JSON string.
    static func write(_ text: String, into out: inout [UInt8]) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0), into: &out) }
    }
}

/// A record's parts as bytes of their own, for those who check a single one.
public struct RecordFields: Hashable, Sendable {
    public var key: [UInt8]?
    public var value: [UInt8]?
    /// In the producer's order.
    public var headers: [Header]

    public struct Header: Hashable, Sendable {
        public var name: [UInt8]
        public var value: [UInt8]?

        public init(name: [UInt8], value: [UInt8]?) {
            self.name = name
            self.value = value
        }
    }

    public init(key: [UInt8]?, value: [UInt8]?, headers: [Header] = []) {
        self.key = key
        self.value = value
        self.headers = headers
    }

    /// Reads what `content` writes; nil where these bytes are none.
    public init?(content: [UInt8]) {
        var rest = content[...]
        func bytes(_ count: Int) -> ArraySlice<UInt8>? {
            guard rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
        func integer(_ count: Int) -> UInt32? { bytes(count).map { $0.reduce(0) { $0 << 8 | UInt32($1) } } }
        func blob() -> [UInt8]?? {
            guard let length = integer(4) else { return nil }
            guard length != .max else { return .some(nil) }
            return bytes(Int(length)).map { Array($0) }
        }
        guard let key = blob(), let value = blob(), let count = integer(4), count <= content.count else { return nil }
        var headers: [Header] = []
        for _ in 0..<count {
            guard let length = integer(2), let name = bytes(Int(length)), let value = blob() else { return nil }
            headers.append(Header(name: Array(name), value: value))
        }
        guard rest.isEmpty else { return nil }
        self.init(key: key, value: value, headers: headers)
    }

    /// `content` (EVIDENCE.md, see `RecordContent`); nil where a length does not fit its field.
    public var content: [UInt8]? {
        guard headers.allSatisfy({ $0.name.count <= TransparencyLimits.headerNameBytesMax }) else { return nil }
        let values = [key, value] + headers.map(\.value)
        guard values.reduce(0, { $0 + ($1?.count ?? 0) }) <= Int(Int32.max) else { return nil }
        var content: [UInt8] = []
        func blob(_ field: [UInt8]?) {
            content.append(bigEndian: field.map { UInt32($0.count) } ?? .max)
            content += field ?? []
        }
        blob(key)
        blob(value)
        content.append(bigEndian: UInt32(headers.count))
        for header in headers {
            content.append(bigEndian: UInt16(header.name.count))
            content += header.name
            blob(header.value)
        }
        return content
    }
}

public import NIOCore

/// A part of a message with a layout of its own.
public protocol WireStructure: Sendable, Equatable {
    init()
    /// Calls `walker` for every field that exists in `version`, in wire order. `message` is filled by a reader and left alone by
    /// the others.
    static func layout<W: LayoutWalker>(_ message: inout Self, by walker: inout W, version: Int16) throws(W.Failure)
}

extension WireStructure {
    /// Makes a structure with some fields set: `.init { $0.name = name }`.
    public init(_ configure: (inout Self) -> Void) {
        self.init()
        configure(&self)
    }
}

/// A whole message: a request, a response, or an embedded one such as a consumer's subscription.
public protocol WireMessage: WireStructure {
    /// The versions that are implemented; for requests, exactly those that are advertised.
    static var versions: ClosedRange<Int16> { get }
    /// The first version with compact lengths and tagged fields (KIP-482); `Int16.max` for never.
    static var flexibleSince: Int16 { get }
    /// Bytes that may follow the message and are ignored: 0, but for messages that a client in use pads.
    static var bytesLeftMax: Int { get }

    /// `decode` without its checks. A requirement only because its default is then compiled for each message where the
    /// message is declared; called as a generic function from another module, the walk would run unspecialised, 20 times
    /// slower.
    static func read(from buffer: ByteBuffer, version: Int16, limits: WireLimits) throws(WireError) -> (Self, endIndex: Int)
    /// `encode`'s walk; a requirement for the same reason.
    func write(into buffer: inout ByteBuffer, version: Int16)
    /// How many errors a response tells; a requirement for the same reason.
    func errorCount(version: Int16) -> Int
}

public protocol KafkaRequest: WireMessage {
    associatedtype Response: WireMessage
    static var apiKey: ApiKey { get }
}

extension WireMessage {
    public static var bytesLeftMax: Int { 0 }

    /// Decodes a message that fills the buffer to its end. On success the buffer is consumed, on failure it is unchanged.
    /// Records and other large byte fields share the buffer's storage.
    /// - Throws: `WireError` for a version that is not implemented, and for anything in the bytes that contradicts the layout
    ///   or exceeds `limits`, more than `bytesLeftMax` bytes left over included.
    public static func decode(
        from buffer: inout ByteBuffer, version: Int16, limits: WireLimits = .requests
    ) throws(WireError) -> Self {
        guard versions.contains(version) else {
            throw WireError(offset: buffer.readerIndex, field: "\(Self.self)", reason: .unsupportedVersion(version))
        }
        let (message, endIndex) = try read(from: buffer, version: version, limits: limits)
        guard buffer.writerIndex - endIndex <= bytesLeftMax else {
            throw WireError(
                offset: endIndex, field: "\(Self.self)", reason: .trailingBytes(buffer.writerIndex - endIndex))
        }
        buffer.moveReaderIndex(to: buffer.writerIndex)
        return message
    }

    /// Appends the message. Fields that the version does not have are left out; strings of more than 32,767 bytes are cut
    /// there (only explanations of errors can get that long).
    public func encode(into buffer: inout ByteBuffer, version: Int16) {
        precondition(Self.versions.contains(version), "\(Self.self) has no version \(version)")
        write(into: &buffer, version: version)
    }

    public static func read(
        from buffer: ByteBuffer, version: Int16, limits: WireLimits
    ) throws(WireError) -> (Self, endIndex: Int) {
        try buffer.withUnsafeReadableBytes { bytes throws(WireError) in
            var reader = WireReader(
                bytes: bytes, frame: buffer, version: version, isFlexible: version >= flexibleSince, limits: limits)
            var message = Self()
            try layout(&message, by: &reader, version: version)
            return (message, reader.frameOffset)
        }
    }

    public func errorCount(version: Int16) -> Int {
        var counter = ErrorCounter(version: version)
        var message = self
        Self.layout(&message, by: &counter, version: version)
        return counter.errors
    }

    public func write(into buffer: inout ByteBuffer, version: Int16) {
        var writer = WireWriter(version: version, isFlexible: version >= Self.flexibleSince)
        swap(&writer.buffer, &buffer)
        var message = self
        Self.layout(&message, by: &writer, version: version)
        swap(&writer.buffer, &buffer)
    }
}

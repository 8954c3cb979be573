import NIOCore

/// A message that travels as a byte field of another, behind its own two-byte version.
public protocol ConsumerProtocolBlob: WireMessage {}

extension ConsumerProtocolBlob {
    /// Reads a blob of any version from 0 up. Bytes after the known fields belong to newer versions and are left alone.
    /// - Throws: `WireError` with offsets counted from the blob's start.
    public static func decode(blob: [UInt8], limits: WireLimits = .requests) throws(WireError) -> Self {
        var buffer = ByteBuffer(bytes: blob)
        guard let version = buffer.readInteger(as: Int16.self) else {
            throw WireError(
                offset: 0, field: "Version", reason: .truncated(neededBytes: 2, availableBytes: blob.count))
        }
        guard version >= 0 else { throw WireError(offset: 0, field: "Version", reason: .unsupportedVersion(version)) }
        return try read(from: buffer, version: min(version, versions.upperBound), limits: limits).0
    }

    public func encodedBlob(version: Int16) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.writeInteger(version)
        encode(into: &buffer, version: version)
        return Array(buffer.readableBytesView)
    }
}

import CCompression
public import NIOCore

/// Message formats 0 and 1 (before KIP-98), converted at the edge to a record batch, so that nothing behind it knows them.
///
/// A message set is a row of entries: offset (8 bytes), size (4), CRC-32 of the rest (4), magic (1), attributes (1), in
/// format 1 a timestamp (8, KIP-32), key and value with 4-byte lengths. A compressed message's value is a message set. Offsets from
/// a producer mean nothing but the order: format 0 counts from anywhere, format 1 inside a compressed message from 0 (KIP-31).
public struct LegacyMessageSet: Sendable {
    public var limits: RecordLimits

    public init(limits: RecordLimits = RecordLimits()) { self.limits = limits }

    /// Whether bytes from a producer are of an old format: offset and size precede the magic in all formats.
    public static func isLegacy(_ records: ByteBuffer) -> Bool {
        guard let magic = records.getInteger(at: records.readerIndex + 16, as: UInt8.self) else { return false }
        return magic < 2
    }

    /// Verifies a message set and makes one record batch of it, compressed as its first message was.
    /// - Throws: the first violation, with the index of the message.
    public func convert(_ messages: ByteBuffer) throws(RecordBatchViolation) -> ByteBuffer {
        guard messages.readableBytes > 0 else { throw RecordBatchViolation(.empty) }
        guard messages.readableBytes <= limits.batchBytesMax else {
            throw RecordBatchViolation(.batchTooLarge(bytes: messages.readableBytes, bytesMax: limits.batchBytesMax))
        }
        var conversion = Conversion(limits: limits)
        try conversion.read(messages, isNested: false)
        guard let builder = conversion.builder, builder.recordCount > 0 else { throw RecordBatchViolation(.empty) }
        return builder.build()
    }

    /// A conversion under way.
    private struct Conversion {
        let limits: RecordLimits
        var builder: RecordBatchBuilder?
        var inflatedBytesLeft: Int

        init(limits: RecordLimits) {
            self.limits = limits
            self.inflatedBytesLeft = limits.inflatedBytesMax
        }

        private var index: Int { Int(builder?.recordCount ?? 0) }

        mutating func read(_ messages: ByteBuffer, isNested: Bool) throws(RecordBatchViolation) {
            var rest = messages
            while rest.readableBytes > 0 {
                guard rest.readInteger(as: Int64.self) != nil, let size = rest.readInteger(as: Int32.self), size >= 14,
                    let body = rest.readSlice(length: Int(size))
                else { throw malformed("length") }
                try readMessage(body, isNested: isNested)
            }
        }

        private mutating func readMessage(_ body: ByteBuffer, isNested: Bool) throws(RecordBatchViolation) {
            var body = body
            guard let crc = body.readInteger(as: UInt32.self) else { throw malformed("checksum") }
            let computed = body.withUnsafeReadableBytes { bytes in
                bytes.baseAddress.map { hb_crc32($0, bytes.count) } ?? 0
            }
            guard crc == computed else {
                throw RecordBatchViolation(.wrongChecksum(declared: crc, computed: computed), recordIndex: index)
            }
            guard let magic = body.readInteger(as: UInt8.self), let attributes = body.readInteger(as: UInt8.self) else {
                throw malformed("attributes")
            }
            guard magic < 2 else { throw RecordBatchViolation(.wrongMagic(magic), recordIndex: index) }
            guard attributes & ~0b1111 == 0 else {
                throw RecordBatchViolation(.unknownAttributes(UInt16(attributes)), recordIndex: index)
            }
            if attributes & 0b1000 != 0 { throw RecordBatchViolation(.appendTimeFromProducer, recordIndex: index) }
            // zstd came after these formats (KIP-110).
            guard let codec = Codec(rawValue: attributes & 0b111), codec != .zstd else {
                throw RecordBatchViolation(.unknownCodec(attributes & 0b111), recordIndex: index)
            }
            var timestamp: Int64 = -1
            if magic == 1 {
                guard let value = body.readInteger(as: Int64.self) else { throw malformed("timestamp") }
                timestamp = value
            }
            let key = try readField(&body, "key")
            let value = try readField(&body, "value")
            guard body.readableBytes == 0 else { throw malformed("end") }
            if builder == nil { builder = RecordBatchBuilder(codec: codec) }
            if codec == .none {
                try append(key, value, timestamp)
            } else {
                guard !isNested else { throw RecordBatchViolation(.nestedCompression, recordIndex: index) }
                guard let value else { throw malformed("value") }
                try read(try inflate(value, codec, magic), isNested: true)
            }
        }

        private mutating func append(_ key: ByteBuffer?, _ value: ByteBuffer?, _ timestamp: Int64) throws(RecordBatchViolation) {
            guard index < limits.recordsMax else {
                throw RecordBatchViolation(.tooManyRecords(declared: Int32(index + 1), recordsMax: limits.recordsMax))
            }
            builder?.append(key: key, value: value, timestamp: timestamp)
        }

        private mutating func inflate(
            _ value: ByteBuffer, _ codec: Codec, _ magic: UInt8
        ) throws(RecordBatchViolation) -> ByteBuffer {
            do {
                let compressed = codec == .lz4 && magic == 0 ? value.withRepairedLZ4Header() : value
                let inflated = try codec.inflated(compressed, inflatedBytesMax: inflatedBytesLeft)
                inflatedBytesLeft -= inflated.readableBytes
                return inflated
            } catch .aboveLimit {
                throw RecordBatchViolation(.inflatedTooLarge(bytesMax: limits.inflatedBytesMax))
            } catch {
                throw RecordBatchViolation(error)
            }
        }

        private func readField(_ body: inout ByteBuffer, _ name: String) throws(RecordBatchViolation) -> ByteBuffer? {
            guard let length = body.readInteger(as: Int32.self), length >= -1 else { throw malformed(name) }
            guard length >= 0 else { return nil }
            guard let field = body.readSlice(length: Int(length)) else { throw malformed(name) }
            return field
        }

        private func malformed(_ field: String) -> RecordBatchViolation {
            RecordBatchViolation(.malformedRecord(field: field), recordIndex: index)
        }
    }
}

extension ByteBuffer {
    /// KIP-57: clients that speak only format 0 computed the header checksum of an lz4 frame over the magic too. The right one
    /// is put in its place; format 1 and later are held to it.
    fileprivate func withRepairedLZ4Header() -> ByteBuffer {
        // Magic (4 bytes), flags, block size, perhaps content size (8) and dictionary id (4), checksum (1).
        guard let flags = getInteger(at: readerIndex + 4, as: UInt8.self) else { return self }
        let descriptorBytes = 2 + (flags & 0b1000 != 0 ? 8 : 0) + (flags & 0b1 != 0 ? 4 : 0)
        guard readableBytes > 4 + descriptorBytes else { return self }
        let hash = withUnsafeReadableBytes { bytes in bytes.baseAddress.map { hb_xxh32($0 + 4, descriptorBytes) } ?? 0 }
        var repaired = self
        repaired.setInteger(UInt8(truncatingIfNeeded: hash >> 8), at: readerIndex + 4 + descriptorBytes)
        return repaired
    }
}

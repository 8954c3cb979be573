import CCompression
public import NIOCore

extension Codec {
    /// Appends what `compressed` inflates to. All of `compressed` must belong to it.
    ///
    /// Sizes that the data declares about itself decide nothing: output grows as it comes, up to the limit, so that 100 bytes that
    /// claim to be a gigabyte cost 100 bytes' worth.
    /// - Parameter inflatedBytesMax: what may come out at most.
    public func inflate(
        _ compressed: UnsafeRawBufferPointer, into output: inout ByteBuffer, inflatedBytesMax: Int
    ) throws(InflateError) {
        switch self {
        case .none:
            guard compressed.count <= inflatedBytesMax else { throw .aboveLimit(bytesMax: inflatedBytesMax) }
            output.writeBytes(compressed)
        case .gzip, .lz4, .zstd:
            try stream(compressed, into: &output, inflatedBytesMax: inflatedBytesMax)
        case .snappy:
            try SnappyFraming.inflate(compressed, into: &output, inflatedBytesMax: inflatedBytesMax)
        }
    }

    /// The readable bytes of a buffer, inflated into a new one.
    public func inflated(_ compressed: ByteBuffer, inflatedBytesMax: Int) throws(InflateError) -> ByteBuffer {
        var output = ByteBuffer()
        try compressed.withUnsafeReadableBytes { bytes throws(InflateError) in
            try inflate(bytes, into: &output, inflatedBytesMax: inflatedBytesMax)
        }
        return output
    }

    private func stream(
        _ compressed: UnsafeRawBufferPointer, into output: inout ByteBuffer, inflatedBytesMax: Int
    ) throws(InflateError) {
        guard let base = compressed.baseAddress, compressed.count > 0 else { throw .malformed(self) }
        guard let inflater = hb_inflater_create(Int32(rawValue)) else { throw .outOfMemory }
        defer { hb_inflater_destroy(inflater) }
        var position = 0
        var total = 0
        // Text shrinks to a quarter or so: one growth for most batches.
        var chunkBytes = max(4096, min(compressed.count * 4, 1 << 20))
        while true {
            // One byte more than allowed: whoever fills it is above the limit.
            let capacity = min(chunkBytes, inflatedBytesMax - total + 1)
            var consumed = 0
            var produced = 0
            var status = HB_INFLATE_MORE
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { free in
                guard let start = free.baseAddress else { return 0 }
                status = hb_inflater_step(
                    inflater, base + position, compressed.count - position, &consumed, start, capacity, &produced)
                return produced
            }
            position += consumed
            total += produced
            guard total <= inflatedBytesMax else { throw .aboveLimit(bytesMax: inflatedBytesMax) }
            switch status {
            case HB_INFLATE_NO_MEMORY: throw .outOfMemory
            case HB_INFLATE_ENDED where position == compressed.count: return
            case HB_INFLATE_ENDED, HB_INFLATE_MORE:
                // No progress: the data ended inside a frame.
                guard consumed > 0 || produced > 0 else { throw .malformed(self) }
            default: throw .malformed(self)
            }
            chunkBytes = min(chunkBytes * 2, 1 << 20)
        }
    }
}

/// Snappy as Kafka's clients send it: one raw block, or the framing of the xerial library (Java, Python): a header of 16 bytes,
/// then blocks with their lengths.
enum SnappyFraming {
    private static let magic: [UInt8] = [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0x00]
    private static let headerBytes = 16
    /// A copy of snappy's makes at most 64 bytes of 2, so a block that declares more than that is lying.
    private static let expansionMax = 64

    static func inflate(
        _ compressed: UnsafeRawBufferPointer, into output: inout ByteBuffer, inflatedBytesMax: Int
    ) throws(InflateError) {
        guard compressed.count >= headerBytes, compressed.prefix(magic.count).elementsEqual(magic) else {
            return try inflateBlock(compressed, into: &output, bytesMax: inflatedBytesMax, limit: inflatedBytesMax)
        }
        var position = headerBytes
        var left = inflatedBytesMax
        while position < compressed.count {
            guard compressed.count - position >= 4 else { throw .malformed(.snappy) }
            let length = Int(Int32(bigEndian: compressed.loadUnaligned(fromByteOffset: position, as: Int32.self)))
            position += 4
            guard length >= 0, length <= compressed.count - position else { throw .malformed(.snappy) }
            let block = UnsafeRawBufferPointer(rebasing: compressed[position..<(position + length)])
            let before = output.readableBytes
            try inflateBlock(block, into: &output, bytesMax: left, limit: inflatedBytesMax)
            left -= output.readableBytes - before
            position += length
        }
    }

    private static func inflateBlock(
        _ block: UnsafeRawBufferPointer, into output: inout ByteBuffer, bytesMax: Int, limit: Int
    ) throws(InflateError) {
        guard let start = block.baseAddress, block.count > 0 else { throw .malformed(.snappy) }
        let declared = hb_snappy_inflated_size(start, block.count)
        guard declared >= 0, declared <= Int64(block.count) * Int64(expansionMax) else { throw .malformed(.snappy) }
        let size = Int(declared)
        guard size <= bytesMax else { throw .aboveLimit(bytesMax: limit) }
        guard size > 0 else { return }
        var succeeded = false
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { free in
            guard let target = free.baseAddress else { return 0 }
            succeeded = hb_snappy_inflate(start, block.count, target, size) != 0
            return succeeded ? size : 0
        }
        guard succeeded else { throw .malformed(.snappy) }
    }
}

import NIOCore

/// Cuts a stream of bytes into Kafka frames: a length of four bytes, big-endian, then as many bytes
/// (Kafka protocol guide, "Protocol Primitives").
///
/// Nothing is allocated before the length was looked at and room for it was granted. The bytes are then copied into a buffer
/// of their own: the TLS layer reuses its buffer for the next read, and a slice kept of it would make it copy all of it each time.
struct FrameAssembler {
    enum Step: Equatable {
        /// Everything was consumed; more bytes must come.
        case needsBytes
        /// A frame of this many bytes begins. Nothing more is consumed until `grantRoom`.
        case announced(bytes: Int)
        case frame(ByteBuffer)
        /// The length is not 1 to the limit. The stream cannot be read any further.
        case invalidLength(Int32)
    }

    private enum Phase {
        case length
        case announced
        case body
    }

    private var phase = Phase.length
    private var lengthBits: UInt32 = 0
    private var lengthBytes = 0
    private var frameBytes = 0
    private var frame = ByteBuffer()

    /// Bytes received of the frame that is not whole yet, its length included, and how many it will have; nil between frames.
    var partial: (receivedBytes: Int, ofBytes: Int)? {
        switch phase {
        case .length: lengthBytes == 0 ? nil : (lengthBytes, 4)
        case .announced: (4, 4 + frameBytes)
        case .body: (4 + frame.readableBytes, 4 + frameBytes)
        }
    }

    mutating func advance(_ input: inout ByteBuffer, frameBytesMax: Int) -> Step {
        switch phase {
        case .length:
            guard readLength(&input) else { return .needsBytes }
            let length = Int32(bitPattern: lengthBits)
            guard length > 0, Int(length) <= frameBytesMax else { return .invalidLength(length) }
            frameBytes = Int(length)
            phase = .announced
            return .announced(bytes: frameBytes)
        case .announced:
            return .announced(bytes: frameBytes)
        case .body:
            return readBody(&input)
        }
    }

    /// The frame that was announced may be received.
    mutating func grantRoom(_ allocator: ByteBufferAllocator) {
        precondition(phase == .announced, "room was granted for a frame that was not announced")
        frame = allocator.buffer(capacity: frameBytes)
        phase = .body
    }

    /// - Returns: whether all four bytes of the length are there.
    private mutating func readLength(_ input: inout ByteBuffer) -> Bool {
        if lengthBytes == 0, let whole = input.readInteger(as: UInt32.self) {
            lengthBits = whole
            return true
        }
        while lengthBytes < 4 {
            guard let byte = input.readInteger(as: UInt8.self) else { return false }
            lengthBits = lengthBits << 8 | UInt32(byte)
            lengthBytes += 1
        }
        return true
    }

    private mutating func readBody(_ input: inout ByteBuffer) -> Step {
        let missing = frameBytes - frame.readableBytes
        let bytes = min(missing, input.readableBytes)
        if bytes > 0 {
            frame.writeBytes(input.readableBytesView.prefix(bytes))
            input.moveReaderIndex(forwardBy: bytes)
        }
        guard bytes == missing else { return .needsBytes }
        phase = .length
        lengthBits = 0
        lengthBytes = 0
        let whole = frame
        frame = ByteBuffer()
        return .frame(whole)
    }
}

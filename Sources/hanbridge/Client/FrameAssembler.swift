import NIOCore

/// Cuts a byte stream into frames: four bytes of length, then as many bytes. Pure; a frame is allocated once, at its length,
/// and its bytes are copied once.
struct FrameAssembler {
    enum Action: Equatable {
        case needMore
        case frame(ByteBuffer)
        /// The stream cannot be read on.
        case refuse(length: Int32)
    }

    private let frameBytesMax: Int
    private var lengthBytes: UInt32 = 0
    private var lengthBytesRead = 0
    private var frame: ByteBuffer?
    private var missingBytes = 0
    private var isRefused = false

    init(frameBytesMax: Int) { self.frameBytesMax = frameBytesMax }

    /// Takes from `bytes` what belongs to the frame in progress. Called again until it needs more.
    mutating func received(_ bytes: inout ByteBuffer, allocator: ByteBufferAllocator) -> Action {
        guard !isRefused else { return .refuse(length: Int32(bitPattern: lengthBytes)) }
        while frame == nil {
            guard let byte = bytes.readInteger(as: UInt8.self) else { return .needMore }
            lengthBytes = lengthBytes << 8 | UInt32(byte)
            lengthBytesRead += 1
            guard lengthBytesRead == 4 else { continue }
            let length = Int32(bitPattern: lengthBytes)
            guard length >= 4, Int(length) <= frameBytesMax else {
                isRefused = true
                return .refuse(length: length)
            }
            missingBytes = Int(length)
            frame = allocator.buffer(capacity: Int(length))
        }
        let taken = min(missingBytes, bytes.readableBytes)
        if let slice = bytes.readSlice(length: taken) {
            frame?.writeImmutableBuffer(slice)
            missingBytes -= taken
        }
        guard missingBytes == 0, let whole = frame else { return .needMore }
        frame = nil
        lengthBytes = 0
        lengthBytesRead = 0
        return .frame(whole)
    }
}

import NIOCore
import Testing

@testable import Listeners

@Suite struct FrameAssemblerTests {
    let allocator = ByteBufferAllocator()

    func bytes(length: Int32, body: [UInt8] = []) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeInteger(length)
        buffer.writeBytes(body)
        return buffer
    }

    @Test("a length below 1 or above the limit is refused before anything is allocated", arguments: [-1, 0, 101, Int32.max, Int32.min])
    func invalidLength(length: Int32) {
        var assembler = FrameAssembler()
        var input = bytes(length: length)
        #expect(assembler.advance(&input, frameBytesMax: 100) == .invalidLength(length))
    }

    @Test("a length at the limit is announced, and read once room is granted", arguments: [1, 100])
    func lengthAtLimit(length: Int32) {
        var assembler = FrameAssembler()
        let body = [UInt8](repeating: 7, count: Int(length))
        var input = bytes(length: length, body: body)
        #expect(assembler.advance(&input, frameBytesMax: 100) == .announced(bytes: Int(length)))
        #expect(input.readableBytes == Int(length))
        assembler.grantRoom(allocator)
        #expect(assembler.advance(&input, frameBytesMax: 100) == .frame(ByteBuffer(bytes: body)))
        #expect(assembler.partial == nil)
    }

    @Test("any way of cutting the stream gives the same frames")
    func cuts() {
        let bodies: [[UInt8]] = [[1], [2, 3], Array(0...255), [9]]
        var stream = ByteBuffer()
        for body in bodies {
            stream.writeInteger(Int32(body.count))
            stream.writeBytes(body)
        }
        for step in 1...stream.readableBytes {
            var rest = stream
            var assembler = FrameAssembler()
            var frames: [[UInt8]] = []
            while rest.readableBytes > 0 {
                var piece = rest.readSlice(length: min(step, rest.readableBytes)) ?? ByteBuffer()
                reading: while true {
                    switch assembler.advance(&piece, frameBytesMax: 1000) {
                    case .needsBytes: break reading
                    case .announced: assembler.grantRoom(allocator)
                    case .frame(let frame): frames.append(Array(frame.readableBytesView))
                    case .invalidLength(let length): Issue.record("length \(length)")
                    }
                }
            }
            #expect(frames == bodies, "cut into pieces of \(step)")
        }
    }

    @Test("the body is a copy: what the transport does with its buffer afterwards changes nothing")
    func copies() {
        var assembler = FrameAssembler()
        var input = bytes(length: 3, body: [1, 2, 3])
        _ = assembler.advance(&input, frameBytesMax: 10)
        assembler.grantRoom(allocator)
        guard case .frame(let frame) = assembler.advance(&input, frameBytesMax: 10) else {
            Issue.record("no frame")
            return
        }
        #expect(frame.storageCapacity < 1024)
        #expect(Array(frame.readableBytesView) == [1, 2, 3])
    }

    @Test("what is there of a frame that is not whole is told")
    func partial() {
        var assembler = FrameAssembler()
        var input = ByteBuffer(bytes: [0, 0])
        #expect(assembler.advance(&input, frameBytesMax: 10) == .needsBytes)
        #expect(assembler.partial.map { [$0.receivedBytes, $0.ofBytes] } == [2, 4])
        input = ByteBuffer(bytes: [0, 8, 1])
        #expect(assembler.advance(&input, frameBytesMax: 10) == .announced(bytes: 8))
        assembler.grantRoom(allocator)
        #expect(assembler.advance(&input, frameBytesMax: 10) == .needsBytes)
        #expect(assembler.partial.map { [$0.receivedBytes, $0.ofBytes] } == [5, 12])
    }
}

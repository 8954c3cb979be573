import NIOCore
import Testing

@testable import KafkaWire

@Suite struct CodecTests {
    static let compressing: [Codec] = [.gzip, .snappy, .lz4, .zstd]

    private func text(_ count: Int) -> ByteBuffer {
        var generator = SeededGenerator(seed: UInt64(count))
        return ByteBuffer(bytes: (0..<count).map { _ in UInt8.random(in: 97...104, using: &generator) })
    }

    private func deflated(_ bytes: ByteBuffer, _ codec: Codec) -> ByteBuffer {
        var output = ByteBuffer()
        codec.deflate(bytes, into: &output)
        return output
    }

    @Test("what a codec makes inflates to what it was, at any size", arguments: Codec.allCases)
    func roundTrip(codec: Codec) throws {
        for size in [0, 1, 100, 4096, 65_536, 300_000, 3_000_000] {
            let bytes = text(size)
            #expect(try codec.inflated(deflated(bytes, codec), inflatedBytesMax: size) == bytes)
        }
    }

    @Test("inflating stops at the limit, and one byte past it is an error", arguments: Codec.allCases)
    func limit(codec: Codec) throws {
        for size in [1000, 70_000, 1 << 21] {
            let compressed = deflated(text(size), codec)
            #expect(try codec.inflated(compressed, inflatedBytesMax: size).readableBytes == size)
            #expect(throws: InflateError.aboveLimit(bytesMax: size - 1)) {
                try codec.inflated(compressed, inflatedBytesMax: size - 1)
            }
        }
    }

    @Test("a bomb costs no more memory than the limit", arguments: compressing)
    func bomb(codec: Codec) {
        let bomb = deflated(ByteBuffer(repeating: 0, count: 64 << 20), codec)
        var output = ByteBuffer()
        #expect(throws: InflateError.aboveLimit(bytesMax: 100_000)) {
            try bomb.withUnsafeReadableBytes { bytes throws(InflateError) in
                try codec.inflate(bytes, into: &output, inflatedBytesMax: 100_000)
            }
        }
        #expect(output.capacity <= 1 << 22)
    }

    @Test("compressed bytes cut anywhere are an error", arguments: compressing)
    func truncation(codec: Codec) {
        let whole = deflated(text(400), codec)
        for length in 0..<whole.readableBytes {
            let cut = whole.getSlice(at: 0, length: length) ?? ByteBuffer()
            #expect(throws: InflateError.self, "\(length)") { try codec.inflated(cut, inflatedBytesMax: 1000) }
        }
    }

    @Test("bytes after the compressed ones are an error", arguments: compressing)
    func trailing(codec: Codec) {
        var bytes = deflated(text(400), codec)
        bytes.writeBytes([1, 2, 3])
        #expect(throws: InflateError.self) { try codec.inflated(bytes, inflatedBytesMax: 1000) }
    }

    @Test("damaged bytes never crash a codec and never exceed the limit", arguments: compressing)
    func mutation(codec: Codec) {
        let seed = UInt64.random(in: 0 ... .max)
        print("CodecTests.mutation \(codec) seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let whole = deflated(text(2000), codec)
        for _ in 0..<2000 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let position = Int.random(in: 0..<whole.readableBytes, using: &generator)
                damaged.setInteger(UInt8.random(in: 0...255, using: &generator), at: position)
            }
            if let output = try? codec.inflated(damaged, inflatedBytesMax: 5000) { #expect(output.readableBytes <= 5000) }
        }
    }

    @Test("a snappy block that declares a gigabyte is refused before a byte is allocated for it")
    func lyingSnappy() {
        let lie = ByteBuffer(bytes: [0x80, 0x80, 0x80, 0x80, 0x04, 0, 0])
        #expect(throws: InflateError.malformed(.snappy)) { try Codec.snappy.inflated(lie, inflatedBytesMax: .max / 2) }
    }

    @Test("gzip members, lz4 frames and zstd frames may follow each other", arguments: [Codec.gzip, .lz4, .zstd])
    func concatenation(codec: Codec) throws {
        var both = deflated(text(300), codec)
        both.writeImmutableBuffer(deflated(text(5000), codec))
        var expected = text(300)
        expected.writeImmutableBuffer(text(5000))
        #expect(try codec.inflated(both, inflatedBytesMax: 5300) == expected)
    }
}

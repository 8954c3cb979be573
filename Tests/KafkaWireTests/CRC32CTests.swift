import NIOCore
import Testing

@testable import KafkaWire

@Suite struct CRC32CTests {
    @Test("the vectors of RFC 3720, appendix B.4")
    func vectors() {
        let read: [UInt8] =
            [0x01, 0xC0, 0, 0] + [UInt8](repeating: 0, count: 12) + [0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18]
            + [0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0]
        let vectors: [(bytes: [UInt8], checksum: UInt32)] = [
            ([], 0),
            (Array("123456789".utf8), 0xE306_9283),
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            (Array(0...31), 0x46DD_794E),
            (Array((0...31).reversed()), 0x113F_DB5C),
            (read, 0xD996_3A56),
        ]
        for vector in vectors {
            #expect(vector.bytes.withUnsafeBytes { CRC32C.checksum(of: $0) } == vector.checksum)
            #expect(vector.bytes.withUnsafeBytes { CRC32C.portableChecksum(of: $0) } == vector.checksum)
        }
    }

    @Test("the processor's instruction and the tables agree at every length, alignment and cut")
    func implementationsAgree() {
        var generator = SeededGenerator(seed: 3720)
        let bytes = (0..<7000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        bytes.withUnsafeBytes { all in
            for length in Array(0...900) + [3071, 3072, 3073, 3500, 6143, 6144, 6990] {
                let part = UnsafeRawBufferPointer(rebasing: all[(length % 9)..<(length % 9 + length)])
                let whole = CRC32C.checksum(of: part)
                #expect(whole == CRC32C.portableChecksum(of: part))
                let cut = length / 3
                let first = CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: part[..<cut]))
                #expect(whole == CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: part[cut...]), continuing: first))
            }
        }
    }
}

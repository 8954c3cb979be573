import Foundation
import NIOCore

/// Bytes that other programs made, as hexadecimal text under `Golden/`. Lines that begin with `#` say where they come from.
enum Fixture {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    static func bytes(_ name: String) throws -> ByteBuffer {
        let text = try String(contentsOf: folder.appending(path: "\(name).hex"), encoding: .utf8)
        return ByteBuffer(bytes: hex(text))
    }

    static func names(beginningWith prefix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasPrefix(prefix) && $0.hasSuffix(".hex") }.map { String($0.dropLast(4)) }.sorted()
    }

    static func hex(_ text: String) -> [UInt8] {
        let digits = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.joined().compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

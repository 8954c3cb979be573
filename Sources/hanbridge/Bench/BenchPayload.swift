import KafkaWire
import NIOCore

/// Records of a given size that look like the city's: JSON, UTF-8, keys that repeat as stations do.
enum BenchPayload {
    static let sizeMin = 21
    private static let filler = "Bộ phận Một cửa tiếp nhận hồ sơ, hẹn trả kết quả đúng hạn; người dân hài lòng. "

    /// A document of exactly `size` bytes, at least ``sizeMin``.
    static func document(_ index: Int, size: Int) -> [UInt8] {
        var text = "{\"stationId\":\"AQ\(String(1000 + index % 900).suffix(3))\""
        for case (let name, let value) in fields(index) where name != "stationId" {
            let part = ",\(JSONText.quoted(name)):\(value)"
            if text.utf8.count + part.utf8.count + 12 > size { break }
            text += part
        }
        var bytes = Array(text.utf8)
        let open = Array(",\"note\":\"".utf8)
        let missing = size - bytes.count - open.count - 2
        if missing >= 0 {
            bytes += open + words(bytes: missing) + Array("\"}".utf8)
        } else {
            bytes += Array(repeating: UInt8(ascii: " "), count: max(0, size - bytes.count - 1)) + [UInt8(ascii: "}")]
        }
        return bytes
    }

    /// Vietnamese of just so many bytes.
    static func words(bytes count: Int) -> [UInt8] {
        var text = Array(String(repeating: filler, count: count / filler.utf8.count + 1).utf8.prefix(count))
        // A character cut in two at the end would not be UTF-8.
        var index = text.count - 1
        while index >= 0, text[index] & 0xC0 == 0x80 { index -= 1 }
        if index >= 0, text[index] >= 0xC0 { for position in index..<text.count { text[position] = UInt8(ascii: ".") } }
        return text
    }

    private static func fields(_ index: Int) -> [(String, JSONText)] {
        if case .object(let fields) = SampleKind.airQuality.record(index, seed: 7) { return fields }
        return []
    }

    /// A batch of about `bytes` before compression, of records of `size`.
    static func batch(
        bytes: Int, size: Int, codec: Codec, timestamp: Int64, first: Int, _ document: (Int) -> [UInt8]
    ) -> (bytes: ByteBuffer, records: Int) {
        var builder = RecordBatchBuilder(codec: codec)
        var index = first
        repeat {
            builder.append(
                key: ByteBuffer(string: "AQ\(index % 900)"), value: ByteBuffer(bytes: document(index)), timestamp: timestamp)
            index += 1
        } while builder.uncompressedBytes + size + 32 < bytes
        return (builder.build(), Int(builder.recordCount))
    }
}

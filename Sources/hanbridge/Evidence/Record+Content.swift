import KafkaWire
import NIOCore
import Transparency

extension Record {
    /// The content that its entry commits to, where it stands: valid while `body` runs.
    func withContent<Result>(_ body: (RecordContent) -> Result) -> Result {
        Self.withBytes(key) { key in
            Self.withBytes(value) { value in
                guard !headers.isEmpty else { return body(RecordContent(key: key, value: value)) }
                return withHeaders { body(RecordContent(key: key, value: value, headers: $0)) }
            }
        }
    }

    private func withHeaders<Result>(_ body: ([RecordContent.Header]) -> Result) -> Result {
        var bytes: [UInt8] = []
        func put(_ part: some Sequence<UInt8>) -> Range<Int> {
            let start = bytes.count
            bytes.append(contentsOf: part)
            return start..<bytes.count
        }
        let places = headers.map { (name: put($0.key.utf8), value: ($0.value?.readableBytesView).map { put($0) }) }
        return bytes.withUnsafeBytes { bytes in
            func part(_ place: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[place]) }
            return body(places.map { (part($0.name), $0.value.map(part)) })
        }
    }

    private static func withBytes<Result>(_ buffer: ByteBuffer?, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        guard let buffer else { return body(nil) }
        return buffer.withUnsafeReadableBytes { body($0) }
    }
}

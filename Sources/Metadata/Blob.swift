import Foundation
import GRDB
import KafkaWire
import Storage

extension UUID128 {
    var blob: Data {
        Data((0..<16).map { index in UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> (56 - 8 * UInt64(index % 8))) })
    }

    /// - Throws: when the column does not hold 16 bytes.
    init(blob: Data) throws(StorageError) {
        guard blob.count == 16 else { throw .corrupt("metadata: an id has \(blob.count) bytes instead of 16") }
        func word(_ bytes: Data) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        self.init(high: word(blob.prefix(8)), low: word(blob.suffix(8)))
    }
}

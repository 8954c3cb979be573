import RecordText
import Transparency

/// `masked/<N>.jsonl`: of a bundle's offsets the records that rules show, as they show them, a JSON line each. Nothing proves their content:
/// an entry commits to the whole record, and a salt, with which others could be tried, is never beside them. Offset and time are the entry's.
enum MaskedRecords {
    static func name(_ bundle: Int64) -> String { "masked/\(bundle).jsonl" }

    /// What is shown of each of a bundle's offsets. Lines that are none, twice there, or of other offsets, make all of the bundle's records none.
    static func shown(_ lines: [UInt8], of bundle: Tile) -> [Audit.Shown] {
        var times: [Int64: Int64] = [:]
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            let record = MaskedRecord(line)
            guard let offset = record.offset, bundle.range.contains(offset), let time = record.time, times.updateValue(time, forKey: offset) == nil else {
                return Array(repeating: .masked(time: nil), count: bundle.width)
            }
        }
        return bundle.range.map { offset in times[offset].map { .masked(time: $0) } ?? .withheld }
    }
}

/// A record as HTTPS shows it: `{"offset":…,"timestamp":…,"schemaId":…,"value":…}`.
struct MaskedRecord {
    let offset: Int64?
    /// ms since 1970
    let time: Int64?
    /// That of what is shown, which may have been derived from the published one.
    let schemaID: Int32?

    init(_ line: ArraySlice<UInt8>) {
        let bytes = Array(line)
        offset = Self.number(bytes, "offset")
        time = Self.number(bytes, "timestamp")
        schemaID = Self.number(bytes, "schemaId").flatMap { Int32(exactly: $0) }
    }

    private static func number(_ bytes: [UInt8], _ member: String) -> Int64? {
        (try? JSONScanner.scan(bytes, member: member)).flatMap { $0 }.flatMap { Int64(String(decoding: bytes[$0], as: UTF8.self)) }
    }
}

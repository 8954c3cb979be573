import Foundation
import RecordText
import Sentences

/// By which rules records are shown.
struct ShownRules {
    /// Those of a time, ms since 1970; nil for today's.
    var time: Int64?
    /// Those of another node, agency/unit/node; nil for one's own.
    var node: String?

    fileprivate var query: String {
        (time.map { "&rulesOf=\($0)" } ?? "") + (node.map { "&as=\($0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" } ?? "")
    }
}

/// One partition's records as rules show them, page by page over HTTPS: a JSON document each.
struct PagedReplay {
    let log: LogReader
    let rules: ShownRules

    private static let recordsPerPage = 500

    /// A JSON line each.
    func write(_ offsets: Range<Int64>, _ pace: inout Pace) async throws {
        let about = "{\"topic\":\(JSONText.string(log.topic)),\"partition\":\(log.partition),"
        try await read(offsets, &pace) { _, record in
            // An object: what it is of goes before its own members.
            try StandardStream.output.write(contentsOf: Array(about.utf8) + record.dropFirst() + [UInt8(ascii: "\n")])
        }
    }

    /// Each record that is shown, in order, as it came.
    func read(_ offsets: Range<Int64>, _ pace: inout Pace, _ body: (Int64, ArraySlice<UInt8>) throws -> Void) async throws {
        var next = offsets.lowerBound
        let path = "/v1/topics/\(log.topic)/partitions/\(log.partition)/records"
        while next < offsets.upperBound {
            let limit = min(Int64(Self.recordsPerPage), offsets.upperBound - next)
            let answer = try await log.http.bytes("\(path)?offset=\(next)&limit=\(limit)\(rules.query)", purpose: log.purpose)
            guard answer.status == 200, let page = Self.page(answer.bytes), page.next > next else {
                throw CommandFailure.refused(.answerMalformed("\(path): \(String(decoding: answer.bytes.prefix(500), as: UTF8.self))"))
            }
            for record in page.records where record.offset < offsets.upperBound { try body(record.offset, answer.bytes[record.place]) }
            next = page.next
            await pace.pass(answer.bytes.count)
        }
    }

    /// Where the records stand in the page, so that they are printed as they came.
    private static func page(_ bytes: [UInt8]) -> (next: Int64, records: [(offset: Int64, place: Range<Int>)])? {
        guard let next = number(bytes, "nextOffset"), let list = try? JSONScanner.scan(bytes, member: "records"),
            case .elements(let places)? = try? JSONScanner.parts(of: bytes, in: list, partsMax: recordsPerPage)
        else { return nil }
        let records = places.map { (offset: MaskedRecord(bytes[$0]).offset ?? .max, place: $0) }
        return (next, records)
    }

    private static func number(_ bytes: [UInt8], _ member: String) -> Int64? {
        (try? JSONScanner.scan(bytes, member: member)).flatMap { $0 }.flatMap { Int64(String(decoding: bytes[$0], as: UTF8.self)) }
    }
}

import Foundation
import RecordText
import Sentences

/// One partition's records as the rules of a past time showed them, page by page over HTTPS: a JSON line each.
struct PagedReplay {
    let log: LogReader
    /// ms since 1970
    let rulesOf: Int64

    private static let recordsPerPage = 500

    func write(_ offsets: Range<Int64>, _ pace: inout Pace) async throws {
        var next = offsets.lowerBound
        let path = "/v1/topics/\(log.topic)/partitions/\(log.partition)/records"
        let about = "{\"topic\":\(JSONText.string(log.topic)),\"partition\":\(log.partition),"
        while next < offsets.upperBound {
            let limit = min(Int64(Self.recordsPerPage), offsets.upperBound - next)
            let answer = try await log.http.bytes("\(path)?offset=\(next)&limit=\(limit)&rulesOf=\(rulesOf)", purpose: log.purpose)
            guard answer.status == 200, let page = Self.page(answer.bytes), page.next > next else {
                throw CommandFailure.refused(.answerMalformed("\(path): \(String(decoding: answer.bytes.prefix(500), as: UTF8.self))"))
            }
            for record in page.records where record.offset < offsets.upperBound {
                // An object: what it is of goes before its own members.
                try StandardStream.output.write(contentsOf: Array(about.utf8) + answer.bytes[record.place].dropFirst() + [UInt8(ascii: "\n")])
            }
            next = page.next
            await pace.pass(answer.bytes.count)
        }
    }

    /// Where the records stand in the page, so that they are printed as they came.
    private static func page(_ bytes: [UInt8]) -> (next: Int64, records: [(offset: Int64, place: Range<Int>)])? {
        guard let next = number(bytes, "nextOffset"), let list = try? JSONScanner.scan(bytes, member: "records"),
            case .elements(let places)? = try? JSONScanner.parts(of: bytes, in: list, partsMax: recordsPerPage)
        else { return nil }
        let records = places.map { (offset: number(Array(bytes[$0]), "offset") ?? .max, place: $0) }
        return (next, records)
    }

    private static func number(_ bytes: [UInt8], _ member: String) -> Int64? {
        (try? JSONScanner.scan(bytes, member: member)).flatMap { $0 }.flatMap { Int64(String(decoding: bytes[$0], as: UTF8.self)) }
    }
}

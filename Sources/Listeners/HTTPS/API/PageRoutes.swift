import AccessPolicy
public import Broker
import Foundation
import Hummingbird
import KafkaWire
public import NIOCore
import RecordText
import Sentences

/// What the HTTPS listener asks of the broker to read records. Tests have their own.
public protocol RecordReading: Sendable {
    func page(
        _ wish: RecordPageWish, for peer: Peer, on eventLoop: any EventLoop, room: @escaping @Sendable () -> any AnswerRoom
    ) async -> Result<RecordPage, RecordPageRefusal>
}

extension RecordPages: RecordReading {}

/// The route by which records go out over HTTPS. The cursor is in the address: a lost answer loses no record, it is asked for again.
struct PageRoutes: Sendable {
    private let pages: any RecordReading
    private let eventLoops: any EventLoopGroup

    init(_ pages: any RecordReading, on eventLoops: any EventLoopGroup) {
        self.pages = pages
        self.eventLoops = eventLoops
    }

    var all: [Route] { [read] }

    private var read: Route {
        Route(
            method: .get, template: "/v1/topics/{topic}/partitions/{partition}/records",
            summary: "Records of a partition from an offset on; `next` is the address of those behind them",
            query: [
                ("offset", "The first record; 0 where it is left out"), ("limit", "How many at most; 100 where it is left out, no more than \(Limits.pageRecordsMax)"),
                ("waitMs", "How long to wait where there is none yet, in ms, no longer than \(Limits.pageWaitMillisecondsMax)"),
                ("rulesOf", "Show what the rules in force at this time showed, in ms since 1970: for an auditor whom an agreement lets replay the topic"),
                ("as", "Show what the rules show this node, agency/unit/node: for who may read every record whole"),
            ],
            headers: [Route.purposeHeader],
            statuses: [
                (200, "Records; none where there are none yet"), (400, "An offset, a limit or a wait that is no number"),
                (403, "No agreement lets you subscribe here, or not for this purpose"), (404, "No such topic or partition"),
                (410, "The offset is not in the log, or not any more; the problem says what is"), (429, "A quota of yours is used up; Retry-After says for how long"), (503, "The partition is out of service, or the broker has no room for a page; Retry-After says for how long"),
            ],
            takesRoomItself: true, use: .reading
        ) { call in
            let wish = try Self.wish(call)
            switch await pages.page(wish, for: call.peer, on: eventLoops.next(), room: call.answerRoom) {
            case .success(let page): return Route.Answer(body: RecordPageWriter.json(page, wish))
            case .failure(let refusal): throw ProblemDocument(Problem(refusal))
            }
        }
    }

    private static func wish(_ call: Route.Call) throws -> RecordPageWish {
        guard let partition = call.parameters["partition"].flatMap({ Int32($0) }), partition >= 0 else {
            throw Problem.notFound(call.parameters["partition"] ?? "")
        }
        let shownTo = call.query["as"].map { NodeIdentity(path: $0) }
        guard shownTo != .some(nil) else { throw Problem.malformed("as is a node, agency/unit/node") }
        return RecordPageWish(
            topic: call.parameters["topic"] ?? "", partition: partition, offset: Int64(try number(call, "offset", from: 0, otherwise: 0)),
            limit: try number(call, "limit", from: 1, otherwise: 100), waitMilliseconds: try number(call, "waitMs", from: 0, otherwise: 0),
            purpose: call.purpose, rulesOf: call.query["rulesOf"] == nil ? nil : Int64(try number(call, "rulesOf", from: 0, otherwise: 0)),
            shownTo: shownTo ?? nil)
    }

    private static func number(_ call: Route.Call, _ name: String, from least: Int, otherwise: Int) throws -> Int {
        guard let text = call.query[name] else { return otherwise }
        guard let number = Int(text), number >= least else { throw Problem.malformed("\(name) is a number from \(least)") }
        return number
    }
}

/// A page as JSON: documents stand in it as they were published, without their frame; what is none is base64, with it.
enum RecordPageWriter {
    static func json(_ page: RecordPage, _ wish: RecordPageWish) -> ByteBuffer {
        var text = Array("{\"topic\":".utf8)
        JSONQuoting.append(wish.topic, to: &text)
        text += ",\"partition\":\(wish.partition),\"logStart\":\(page.logStart),\"highWatermark\":\(page.highWatermark),\"nextOffset\":\(page.nextOffset),\"next\":".utf8
        JSONQuoting.append(
            "/v1/topics/\(wish.topic)/partitions/\(wish.partition)/records?offset=\(page.nextOffset)&limit=\(wish.limit)" + (wish.rulesOf.map { "&rulesOf=\($0)" } ?? "")
                + (wish.shownTo.map { "&as=\($0.path)" } ?? ""), to: &text)
        text += ",\"records\":[".utf8
        for (place, record) in page.records.enumerated() {
            if place > 0 { text.append(UInt8(ascii: ",")) }
            append(record, to: &text)
        }
        text += "]}".utf8
        return ByteBuffer(bytes: text)
    }

    private static func append(_ entry: RecordPage.Entry, to text: inout [UInt8]) {
        let record = entry.record
        text += "{\"offset\":\(record.offset),\"timestamp\":\(record.timestamp)".utf8
        if let key = record.key {
            if let words = String(validating: key.readableBytesView, as: UTF8.self) {
                text += ",\"key\":".utf8
                JSONQuoting.append(words, to: &text)
            } else {
                appendBase64(key, as: "keyBase64", to: &text)
            }
        }
        appendValue(of: entry, to: &text)
        if !record.headers.isEmpty {
            text += ",\"headers\":[".utf8
            for (place, header) in record.headers.enumerated() {
                text += (place > 0 ? ",{\"name\":" : "{\"name\":").utf8
                JSONQuoting.append(header.key, to: &text)
                if let value = header.value {
                    if let words = String(validating: value.readableBytesView, as: UTF8.self) {
                        text += ",\"value\":".utf8
                        JSONQuoting.append(words, to: &text)
                    } else {
                        appendBase64(value, as: "valueBase64", to: &text)
                    }
                }
                text.append(UInt8(ascii: "}"))
            }
            text.append(UInt8(ascii: "]"))
        }
        text.append(UInt8(ascii: "}"))
    }

    private static func appendValue(of entry: RecordPage.Entry, to text: inout [UInt8]) {
        if let id = entry.schemaID { text += ",\"schemaId\":\(id)".utf8 }
        if let document = entry.document {
            text += ",\"value\":".utf8
            text += document
        } else if let value = entry.record.value {
            appendBase64(value, as: "valueBase64", to: &text)
        } else {
            text += ",\"value\":null".utf8
        }
    }

    private static func appendBase64(_ bytes: ByteBuffer, as name: String, to text: inout [UInt8]) {
        text += ",\"\(name)\":\"\(Data(bytes.readableBytesView).base64EncodedString())\"".utf8
    }
}

extension Problem {
    fileprivate init(_ refusal: RecordPageRefusal) {
        switch refusal.kind {
        case .forbidden: self = .forbidden(missing: refusal.sentence)
        case .notFound: self = .noSuchTopic(refusal.sentence)
        case .outOfRange: self = .offsetGone(refusal.sentence)
        case .overloaded: self = .overloaded()
        case .unavailable: self = .storageUnavailable(refusal.sentence)
        }
    }
}

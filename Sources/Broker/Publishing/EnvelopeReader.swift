import Foundation
import KafkaWire
import NIOCore
import RecordText
import Sentences

/// Reads one record of `application/vnd.hanbridge.records+json`:
///
///     {"key": "P-2", "value": {"permit": "P-2"}, "headers": {"trace": "7f"}, "partition": 1, "timestamp": 1795372800000}
///
/// `keyBase64` and `valueBase64` in place of `key` and `value` carry bytes of any kind; `"value": null` is a tombstone.
struct EnvelopeReader {
    let body: [UInt8]

    func draft(_ range: Range<Int>) -> Result<RecordDraft, RecordFault> {
        do throws(RecordFault) { return .success(try read(range)) } catch { return .failure(error) }
    }

    private func read(_ range: Range<Int>) throws(RecordFault) -> RecordDraft {
        guard case .members(let members) = parts(range) else { throw Self.fault("", .envelopeNoObject) }
        var draft = RecordDraft()
        var hasValue = false
        var seen: Set<String> = []
        for member in members {
            guard let name = JSONQuoting.text(of: body[member.name]), seen.insert(name).inserted else {
                throw Self.fault("", .envelopeMemberTwice)
            }
            switch name {
            case "key": draft.key = document(member.value)
            case "keyBase64": draft.key = .bytes(try bytes(member.value, name))
            case "value":
                draft.value = document(member.value)
                hasValue = true
            case "valueBase64":
                draft.value = .bytes(try bytes(member.value, name))
                hasValue = true
            case "headers": draft.headers = try headers(member.value)
            case "partition": draft.partition = try number(member.value, name)
            case "timestamp": draft.timestamp = try number(member.value, name)
            default: throw Self.fault("/\(name.prefix(64))", .envelopeMemberUnknown)
            }
        }
        guard hasValue, !seen.isSuperset(of: ["key", "keyBase64"]), !seen.isSuperset(of: ["value", "valueBase64"]) else {
            throw Self.fault("", .envelopeValueMissing)
        }
        return draft
    }

    private func parts(_ range: Range<Int>) -> JSONScanner.Parts? {
        try? JSONScanner.parts(of: body, in: range, partsMax: Limits.headersMax + 1)
    }

    /// nil for `null`.
    private func document(_ range: Range<Int>) -> RecordDraft.Content? {
        body[range].elementsEqual("null".utf8) ? nil : .document(Array(body[range]))
    }

    private func bytes(_ range: Range<Int>, _ name: String) throws(RecordFault) -> [UInt8] {
        guard let text = JSONQuoting.text(of: body[range]), let data = Data(base64Encoded: text) else {
            throw Self.fault("/\(name)", .envelopeNoBase64)
        }
        return Array(data)
    }

    private func number<Number: FixedWidthInteger>(_ range: Range<Int>, _ name: String) throws(RecordFault) -> Number? {
        if body[range].elementsEqual("null".utf8) { return nil }
        guard let number = Number(String(decoding: body[range], as: UTF8.self)), number >= 0 else {
            throw Self.fault("/\(name)", .envelopeNoNumber)
        }
        return number
    }

    private func headers(_ range: Range<Int>) throws(RecordFault) -> [Record.Header] {
        guard case .members(let members) = parts(range) else { throw Self.fault("/headers", .envelopeHeaders) }
        guard members.count <= Limits.headersMax else { throw Self.fault("/headers", .tooManyHeaders(max: Limits.headersMax)) }
        var headers: [Record.Header] = []
        for member in members {
            let isNull = body[member.value].elementsEqual("null".utf8)
            let value = JSONQuoting.text(of: body[member.value])
            guard let name = JSONQuoting.text(of: body[member.name]), isNull || value != nil else {
                throw Self.fault("/headers", .envelopeHeaders)
            }
            headers.append(Record.Header(key: name, value: value.map { ByteBuffer(string: $0) }))
        }
        return headers
    }

    private static func fault(_ path: String, _ message: Sentence) -> RecordFault {
        RecordFault(path: path, rule: "envelope", message: message)
    }
}

extension RecordFault: Error {}

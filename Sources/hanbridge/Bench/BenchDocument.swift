import MessageSchema

/// Service requests in each of the three formats, each valid under `Schemas/service-request`, and of the size that is asked for: their note
/// is as long as that takes.
enum BenchDocument {
    /// What a document has without a note is less, and a note has at most 2,000 characters.
    static let sizes = 400...2200

    static func serviceRequest(_ index: Int, size: Int, format: SchemaFormat) -> [UInt8] {
        let bare = encode(ServiceRequest(index, note: []), format)
        let missing = max(1, size - bare.count)
        // The lengths before the note and around it take more or fewer bytes as it grows: they are what the second note is shorter by.
        let extra = encode(ServiceRequest(index, note: BenchPayload.words(bytes: missing)), format).count - size
        return encode(ServiceRequest(index, note: BenchPayload.words(bytes: missing - max(0, extra))), format)
    }

    private struct ServiceRequest {
        let text: [String: String]
        let procedure: Int
        let channel: Int
        let submittedMilliseconds: Int64
        let dueDay: Int64
        let note: [UInt8]

        init(_ index: Int, note: [UInt8]) {
            var text: [String: String] = [:]
            if case .object(let fields) = SampleKind.serviceRequest.record(index, seed: 7) {
                for case (let name, .string(let value)) in fields { text[name] = value }
            }
            self.text = text
            procedure = index % 7
            channel = index % 3
            submittedMilliseconds = 1_790_000_000_000 + Int64(index) * 37_000
            dueDay = 20_730 + Int64(index % 20)
            self.note = note
        }
    }

    private static func encode(_ request: ServiceRequest, _ format: SchemaFormat) -> [UInt8] {
        switch format {
        case .json: json(request)
        case .avro: avro(request)
        case .protobuf: protobuf(request)
        }
    }

    private static func json(_ request: ServiceRequest) -> [UInt8] {
        let names = ["requestId", "citizenId", "fullName", "phone", "procedure", "channel", "ward", "submittedAt", "dueDate"]
        let members = names.compactMap { name in request.text[name].map { "\(JSONText.quoted(name)):\(JSONText.quoted($0))" } }
        let start = "{" + members.joined(separator: ",")
        return request.note.isEmpty ? Array((start + "}").utf8) : Array((start + ",\"note\":\"").utf8) + request.note + Array("\"}".utf8)
    }

    /// The fields in the order of `schema.avsc`; the second branch of a union is the text.
    private static func avro(_ request: ServiceRequest) -> [UInt8] {
        func number(_ value: Int64) -> [UInt8] { varint(UInt64(bitPattern: value << 1 ^ value >> 63)) }
        func text(_ bytes: [UInt8]) -> [UInt8] { number(Int64(bytes.count)) + bytes }
        func field(_ name: String) -> [UInt8] { text(Array(request.text[name, default: ""].utf8)) }
        let phone = request.text["phone"] == nil ? number(0) : number(1) + field("phone")
        return field("requestId") + field("citizenId") + field("fullName") + phone + number(Int64(request.procedure))
            + number(Int64(request.channel)) + field("ward") + number(request.submittedMilliseconds) + number(request.dueDay)
            + (request.note.isEmpty ? number(0) : number(1) + text(request.note))
    }

    /// The fields by their numbers in `schema.proto`; 0 of an enum is none.
    private static func protobuf(_ request: ServiceRequest) -> [UInt8] {
        func bytes(_ number: UInt64, _ value: [UInt8]) -> [UInt8] { varint(number << 3 | 2) + varint(UInt64(value.count)) + value }
        func field(_ number: UInt64, _ name: String) -> [UInt8] { request.text[name].map { bytes(number, Array($0.utf8)) } ?? [] }
        func code(_ number: UInt64, _ value: Int) -> [UInt8] { varint(number << 3) + varint(UInt64(value + 1)) }
        let submitted = varint(1 << 3) + varint(UInt64(request.submittedMilliseconds / 1000))
        return field(1, "requestId") + field(2, "citizenId") + field(3, "fullName") + field(4, "phone") + code(5, request.procedure)
            + code(6, request.channel) + field(7, "ward") + bytes(8, submitted) + field(9, "dueDate")
            + (request.note.isEmpty ? [] : bytes(10, request.note))
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}

import Transparency

/// What a witness answers over HTTP (C2SP tlog-witness, "add-checkpoint").
public struct WitnessAnswer: Hashable, Sendable {
    public let status: Int
    public let mediaType: String
    public let body: [UInt8]
    /// How soon it is worth asking again.
    public let retryAfterSeconds: Int?

    private init(_ status: Int, _ mediaType: String, _ body: [UInt8], retryAfterSeconds: Int? = nil) {
        self.status = status
        self.mediaType = mediaType
        self.body = body
        self.retryAfterSeconds = retryAfterSeconds
    }

    private static let text = "text/plain; charset=utf-8"
    /// "The response MUST have a `Content-Type` of `text/x.tlog.size`."
    static let sizeType = "text/x.tlog.size"

    static func cosigned(_ line: NoteSignature) -> WitnessAnswer { WitnessAnswer(200, text, line.line) }
    static func conflict(size: Int64) -> WitnessAnswer { WitnessAnswer(409, sizeType, Array("\(size)\n".utf8)) }

    static func refused(_ status: Int, _ why: String, retryAfterSeconds: Int? = nil) -> WitnessAnswer {
        WitnessAnswer(status, text, Array("\(why)\n".utf8), retryAfterSeconds: retryAfterSeconds)
    }
}

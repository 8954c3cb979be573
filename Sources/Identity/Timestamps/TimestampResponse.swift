import CTrust

/// A question to a time-stamp authority (RFC 3161, 2.4.1): when did you see this digest?
public struct TimestampRequest: Sendable {
    /// SHA-256 of what is stamped.
    public let imprint: [UInt8]
    public let nonce: [UInt8]

    /// - Precondition: the imprint has 32 bytes.
    public init(imprint: [UInt8]) {
        precondition(imprint.count == Int(CT_IMPRINT_BYTES), "an imprint has 32 bytes")
        self.imprint = imprint
        var random = SystemRandomNumberGenerator()
        // A positive integer without leading zeros, so that its DER is as long as it is.
        nonce = [UInt8.random(in: 1...0x7F, using: &random)] + (1..<Int(CT_NONCE_BYTES)).map { _ in .random(in: 0...255, using: &random) }
    }

    /// DER, `application/timestamp-query`.
    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 256) { buffer, count in
            count = ct_stamp_request(imprint, nonce, buffer.baseAddress, 256)
        }
    }
}

/// What an authority answers: DER, `application/timestamp-reply`, as it is kept and as `openssl ts` reads it.
public struct TimestampResponse: Hashable, Sendable {
    /// A token with a few certificates has 2 to 8 KB.
    public static let bytesMax = 65_536

    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public struct Stamp: Hashable, Sendable {
        /// Seconds since 1970, rounded down.
        public let time: Int64
        /// The authority's policy, dotted.
        public let policy: String
    }

    /// Judges the token. Its signer's certificate has to hold at the token's own time, so that the finding is the same in ten years.
    /// - Parameters:
    ///   - imprint: SHA-256 of what it has to be about.
    ///   - request: what it has to answer; nil for a token that was kept.
    ///   - anchors: DER, the authorities that are believed.
    public func stamp(over imprint: [UInt8], answering request: TimestampRequest? = nil, under anchors: [[UInt8]]) -> Result<Stamp, TimestampRefusal> {
        guard bytes.count <= Self.bytesMax, imprint.count == Int(CT_IMPRINT_BYTES) else { return .failure(.malformed) }
        var verdict = withSpans(anchors) { anchors in
            withSpan(bytes) { response in
                withNonce(request) { nonce in ct_stamp_verify(response, imprint, nonce, anchors.baseAddress, anchors.count) }
            }
        }
        let words = text(&verdict.words)
        switch verdict.outcome {
        case CT_STAMP_HOLDS: return .success(Stamp(time: verdict.seconds, policy: text(&verdict.policy)))
        case CT_STAMP_MALFORMED: return .failure(.malformed)
        case CT_STAMP_REFUSED: return .failure(.refused(words))
        case CT_STAMP_OTHER: return .failure(.aboutAnother)
        case CT_STAMP_UNTRUSTED: return .failure(.untrusted(words))
        default: return .failure(.untrusted("out of memory"))
        }
    }

    private func withNonce<Answer>(_ request: TimestampRequest?, _ body: (UnsafePointer<UInt8>?) -> Answer) -> Answer {
        guard let request else { return body(nil) }
        return request.nonce.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}

public enum TimestampRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed
    case refused(String)
    case aboutAnother
    case untrusted(String)

    public var description: String {
        switch self {
        case .malformed: "it is no answer of a time-stamp authority"
        case .refused(let words): "the time-stamp authority refuses: \(words)"
        case .aboutAnother: "the time-stamp is of something else than what was asked for"
        case .untrusted(let words): "the time-stamp is not of an authority that is believed: \(words)"
        }
    }
}

/// A C array of char, up to its NUL.
private func text<Characters>(_ characters: inout Characters) -> String {
    withUnsafeBytes(of: &characters) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
}

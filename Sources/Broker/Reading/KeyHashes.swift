import Crypto
import MessageSchema

/// The keys by which values and record keys are hashed: one an agreement, out of the store's one secret, so that subscribers under different
/// agreements cannot join what they got, and the same agreement gives the same hashes for as long as it has its name.
struct KeyHashes: Sendable {
    /// Bytes of the store's secret.
    static let secretBytes = 32

    private let keys: [String: SymmetricKey]

    init(_ secret: [UInt8], agreements: some Sequence<String>) {
        keys = Dictionary(
            agreements.map { agreement in
                let code = HMAC<SHA256>.authenticationCode(for: Array("hanbridge-mask:\(agreement)".utf8), using: SymmetricKey(data: secret))
                return (agreement, SymmetricKey(data: code))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// What masks hash with under an agreement.
    func hashKey(of agreement: String) -> HashKey? { keys[agreement]?.withUnsafeBytes { HashKey($0) } }

    /// Appends 32 hexadecimal digits that stand for these bytes, as `hash` writes a string's.
    func hash(_ bytes: UnsafeRawBufferPointer, under agreement: String, into output: inout ProjectionBuffer) {
        guard let key = keys[agreement] else { preconditionFailure("agreement \(agreement) is none of the restriction's") }
        var code = HMAC<SHA256>(key: key)
        code.update(data: bytes)
        var digits: [UInt8] = []
        digits.reserveCapacity(32)
        for byte in code.finalize().prefix(16) {
            digits.append(Self.digits[Int(byte >> 4)])
            digits.append(Self.digits[Int(byte & 0xF)])
        }
        digits.withUnsafeBytes { output.append($0) }
    }

    private static let digits = Array("0123456789abcdef".utf8)
}

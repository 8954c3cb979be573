import Crypto

/// An Ed25519 key that signs: a node's log key, which signs the checkpoints of all its logs under their origins as names, or its
/// witness key. Its bytes are never printed.
public struct SigningKey: Sendable {
    public static let seedBytes = 32
    private let key: Curve25519.Signing.PrivateKey

    public init() { key = Curve25519.Signing.PrivateKey() }

    /// - Returns: nil unless the seed (RFC 8032, "private key") has 32 bytes.
    public init?(seed: [UInt8]) {
        guard seed.count == Self.seedBytes, let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { return nil }
        self.key = key
    }

    public var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }

    public func verifier(_ name: KeyName, _ type: VerifierKey.SignatureType) -> VerifierKey {
        guard let verifier = VerifierKey(name: name, type: type, publicKey: publicKey) else {
            preconditionFailure("an Ed25519 public key has 32 bytes")
        }
        return verifier
    }

    func signature(of message: [UInt8]) -> [UInt8] {
        guard let signature = try? key.signature(for: message) else {
            preconditionFailure("Ed25519 signs any message; it fails only where memory cannot be had")
        }
        return Array(signature)
    }

    /// The signature line of a note under a name.
    public func sign(noteText text: [UInt8], as name: KeyName) -> NoteSignature {
        NoteSignature(name: name, keyID: verifier(name, .ed25519).keyID, bytes: signature(of: text))
    }
}

// MARK: key files

extension SigningKey {
    /// PKCS #8 with an Ed25519 key (RFC 8410, section 7) up to its 32 bytes.
    private static let pkcs8Prefix: [UInt8] = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
    private static let header = "-----BEGIN PRIVATE KEY-----"
    private static let footer = "-----END PRIVATE KEY-----"

    /// A key file's text: PEM as `openssl genpkey -algorithm ed25519` writes it, so that a key can be made, read and kept by tools that
    /// are not ours. Whoever writes the file gives it mode 0600.
    public var keyFile: [UInt8] {
        var text = TextBuilder()
        text.line(Self.header)
        text.line(Base64.encode(Self.pkcs8Prefix + Array(key.rawRepresentation)))
        text.line(Self.footer)
        return text.bytes
    }

    /// Reads a key file.
    /// - Throws: unless it is exactly one such key.
    public init(keyFile: [UInt8]) throws(FormatFault) {
        guard keyFile.count <= TransparencyLimits.keyFileBytesMax else { throw FormatFault(.tooLong, at: TransparencyLimits.keyFileBytesMax) }
        var lines = TextLines(keyFile)
        guard try lines.next().elementsEqual(Self.header.utf8) else { throw FormatFault(.malformedKey, at: 0) }
        let body = try lines.next()
        guard let der = Base64.decode(body) else { throw FormatFault(.malformedBase64, at: body.startIndex) }
        guard der.starts(with: Self.pkcs8Prefix), let key = SigningKey(seed: Array(der.dropFirst(Self.pkcs8Prefix.count))) else {
            throw FormatFault(.malformedKey, at: body.startIndex)
        }
        let end = try lines.next()
        guard end.elementsEqual(Self.footer.utf8) else { throw FormatFault(.malformedKey, at: end.startIndex) }
        guard lines.isAtEnd else { throw FormatFault(.trailingBytes, at: lines.position) }
        self = key
    }
}

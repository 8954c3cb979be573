import Crypto

/// A public key by which a name's signatures are checked, for one type of signature (C2SP signed-note, "Verifier keys").
public struct VerifierKey: Hashable, Sendable {
    /// The identifier byte of a type of signature.
    public enum SignatureType: UInt8, Hashable, Sendable, CaseIterable {
        /// Ed25519 over the note's text: what a log signs its checkpoints with.
        case ed25519 = 0x01
        /// A time and Ed25519 over it and a checkpoint: what a witness makes (C2SP tlog-cosignature).
        case cosignature = 0x04
    }

    public static let publicKeyBytes = 32

    public let name: KeyName
    public let type: SignatureType
    /// 32 bytes (RFC 8032).
    public let publicKey: [UInt8]
    /// SHA-256(name || 0A || type || public key), its first four bytes.
    public let keyID: UInt32

    /// - Returns: nil unless the key has 32 bytes.
    public init?(name: KeyName, type: SignatureType, publicKey: [UInt8]) {
        guard publicKey.count == Self.publicKeyBytes else { return nil }
        self.name = name
        self.type = type
        self.publicKey = publicKey
        let named = Array(name.text.utf8) + [TextLines.newline, type.rawValue] + publicKey
        self.keyID = TreeHashing.hash(of: named).withUnsafeBytes { $0.integer(at: 0) }
    }

    /// Whether the signature is this key's, over these bytes.
    func signed(_ message: [UInt8], _ signature: some Collection<UInt8>) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(Array(signature), for: message)
    }
}

// MARK: vkeys

extension VerifierKey: CustomStringConvertible {
    /// `<name>+hex(key id)+base64(type || public key)`
    public var description: String {
        let digits = String(keyID, radix: 16)
        return "\(name)+\(String(repeating: "0", count: 8 - digits.count))\(digits)+\(Base64.text([type.rawValue] + publicKey))"
    }

    /// Reads what `description` writes.
    public init(vkey: some RandomAccessCollection<UInt8>) throws(FormatFault) {
        let text = Array(vkey)
        // Names have no plus sign, base64 may: the first two count.
        guard let first = text.firstIndex(of: UInt8(ascii: "+")),
            let second = text[(first + 1)...].firstIndex(of: UInt8(ascii: "+"))
        else { throw FormatFault(.malformedKey, at: 0) }
        let name = try KeyName(bytes: text[..<first])
        guard let key = Base64.decode(text[(second + 1)...]), let typeByte = key.first else {
            throw FormatFault(.malformedBase64, at: second + 1)
        }
        guard let type = SignatureType(rawValue: typeByte) else { throw FormatFault(.unknownKeyType, at: second + 1) }
        guard let verifier = VerifierKey(name: name, type: type, publicKey: Array(key.dropFirst())) else {
            throw FormatFault(.malformedKey, at: second + 1)
        }
        guard verifier.description.utf8.elementsEqual(text) else { throw FormatFault(.keyIDMismatch, at: first + 1) }
        self = verifier
    }

    public init(vkey: String) throws(FormatFault) { try self.init(vkey: Array(vkey.utf8)) }
}

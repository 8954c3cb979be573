import Foundation
import Yams

/// One steward's signature under an agreement: over the bytes of ``Agreement/canonicalJSON`` and nothing else, so that any tool that
/// knows the key can verify it.
public struct AgreementSignature: Hashable, Sendable {
    /// `agency/unit/node` of the steward.
    public let signer: String
    /// DER, the steward's own first, then what leads to its authority.
    public let certificates: [[UInt8]]
    /// SHA-256 with ECDSA (DER) or RSA (PKCS #1 v1.5), by the key of the first certificate.
    public let signature: [UInt8]

    public init(signer: String, certificates: [[UInt8]], signature: [UInt8]) {
        self.signer = signer
        self.certificates = certificates
        self.signature = signature
    }
}

/// `<ID>.signatures.json`, which lies beside the file that the agreement stands in.
public struct SignatureFile: Sendable {
    /// The agreement's id.
    public let agreement: String
    public let signatures: [AgreementSignature]
    /// Where each signature begins.
    public let places: [AgreementsFile.Place]

    static let suffix = ".signatures.json"

    public static func name(forAgreement id: String) -> String { id + suffix }

    /// Whether a file of a set holds signatures.
    public static func isName(_ name: String) -> Bool { name.hasSuffix(suffix) && !name.hasPrefix(".") }

    public init(agreement: String, signatures: [AgreementSignature], places: [AgreementsFile.Place] = []) {
        self.agreement = agreement
        self.signatures = signatures
        self.places = places
    }

    /// JSON, one member a line, as ``parse(_:name:)`` reads it.
    public var text: String {
        func base64(_ bytes: [UInt8]) -> String { "\"\(Data(bytes).base64EncodedString())\"" }
        let entries = signatures.map { signature in
            """
                {
                  "signer": "\(signature.signer)",
                  "signature": \(base64(signature.signature)),
                  "certificates": [
                    \(signature.certificates.map(base64).joined(separator: ",\n        "))
                  ]
                }
            """
        }
        return "{\n  \"agreement\": \"\(agreement)\",\n  \"signatures\": [\n\(entries.joined(separator: ",\n"))\n  ]\n}\n"
    }

    /// JSON is read as the YAML that it is too, for the places of its mistakes.
    /// - Throws: every mistake with its place; nothing of a file with a mistake is usable.
    public static func parse(_ text: String, name: String) throws(AgreementsError) -> SignatureFile {
        guard let root = try YAMLReader.root(of: text, file: name, bytesMax: AgreementsLimits.signatureFileBytesMax) else {
            throw AgreementsError([AgreementsProblem(file: name, line: 0, column: 0, message: "is empty")])
        }
        var reader = SignatureReader(file: name)
        let file = reader.read(root)
        guard let file, reader.problems.isEmpty else { throw AgreementsError(reader.problems) }
        return file
    }
}

private struct SignatureReader {
    private var yaml: YAMLReader
    private let file: String

    init(file: String) {
        self.file = file
        yaml = YAMLReader(file: file)
    }

    var problems: [AgreementsProblem] { yaml.problems }

    mutating func read(_ root: Node) -> SignatureFile? {
        guard let fields = yaml.mapping(root, "the file", keys: ["agreement", "signatures"]) else { return nil }
        guard let idNode = fields["agreement"], let listNode = fields["signatures"] else {
            yaml.report("the file needs “agreement” and “signatures”", at: root)
            return nil
        }
        guard let id = yaml.text(idNode, "agreement", bytesMax: AgreementsLimits.idBytesMax),
            let list = yaml.list(listNode, "signatures", countMax: AgreementsLimits.signaturesMax)
        else { return nil }
        if SignatureFile.name(forAgreement: id) != file {
            yaml.report("holds signatures of agreement “\(id)”, so its name must be \(SignatureFile.name(forAgreement: id))", at: idNode)
        }
        let signatures = list.compactMap { read(signature: $0) }
        let places = list.map { AgreementsFile.Place(line: $0.mark?.line ?? 0, column: $0.mark?.column ?? 0) }
        return SignatureFile(agreement: id, signatures: signatures, places: places)
    }

    private mutating func read(signature node: Node) -> AgreementSignature? {
        guard let fields = yaml.mapping(node, "a signature", keys: ["signer", "signature", "certificates"]) else { return nil }
        for word in ["signer", "signature", "certificates"] where fields[word] == nil {
            yaml.report("a signature has no “\(word)”", at: node)
        }
        guard let signerNode = fields["signer"], let signatureNode = fields["signature"], let certificatesNode = fields["certificates"],
            let signer = yaml.text(signerNode, "signer", bytesMax: 256),
            let signature = readBase64(signatureNode, "signature"),
            let list = yaml.list(certificatesNode, "certificates", countMax: AgreementsLimits.signatureCertificatesMax)
        else { return nil }
        let certificates = list.compactMap { readBase64($0, "a certificate") }
        if certificates.isEmpty { yaml.report("a signature has no “certificates”", at: certificatesNode) }
        guard let node = try? NodePattern(signer), node.agency != nil, node.unit != nil, node.node != nil else {
            yaml.report("“\(signer.shortened)” is not one node, agency/unit/node", at: signerNode)
            return nil
        }
        return AgreementSignature(signer: signer, certificates: certificates, signature: signature)
    }

    private mutating func readBase64(_ node: Node, _ what: String) -> [UInt8]? {
        guard let text = yaml.text(node, what, bytesMax: AgreementsLimits.signatureFileBytesMax) else { return nil }
        guard let data = Data(base64Encoded: text), !data.isEmpty else {
            yaml.report("\(what) is not base64", at: node)
            return nil
        }
        return Array(data)
    }
}

/// The `identity` section of broker.yaml, as written. `Certs/README.md` explains each word.
///
/// ```yaml
/// identity:
///   certificate: pki/broker/certificate.pem   # what the broker shows, leaf first
///   key: pki/broker/key.pem
///   pki: pki                                  # where the built-in authority's key is, when it is on this machine
///   crlGraceHours: 24
///   authorities:
///     - name: city.example
///       certificates: [pki/ca.pem]
///       crls: [pki/crl.pem]
///       agencies: ["*"]
///       roles: [operator, steward, auditor, member]
///     - name: tax.example
///       certificates: [trust/tax-ca.pem]
///       crls: none                            # said aloud: this authority publishes none
///       agencies: [tax]
///   rules:
///     - authority: tax.example
///       where:
///         - { subject: O, equals: Cục Thuế }
///       agency: tax
///       unit: { subject: OU }
///       node: { san: dns }
/// ```
public struct IdentitySettings: Sendable, Hashable, Codable {
    public var certificate: String
    public var key: String
    public var pki: String?
    public var crlGraceHours: Double?
    public var authorities: [Authority]
    public var rules: [Rule]?

    public struct Authority: Sendable, Hashable, Codable {
        public var name: String
        public var certificates: [String]
        public var intermediates: [String]?
        public var crls: RevocationFiles
        public var agencies: [String]
        public var roles: [String]?
    }

    /// A list of files, or the word `none`.
    public enum RevocationFiles: Sendable, Hashable, Codable {
        case files([String])
        case none

        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let word = try? container.decode(String.self) {
                guard word == "none" else {
                    throw DecodingError.dataCorruptedError(
                        in: container, debugDescription: "crls is a list of files, or the word none; “\(word)” is neither")
                }
                self = .none
            } else {
                self = .files(try container.decode([String].self))
            }
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .files(let files): try container.encode(files)
            case .none: try container.encode("none")
            }
        }
    }

    public struct Rule: Sendable, Hashable, Codable {
        public var authority: String
        public var `where`: [Condition]?
        public var agency: Source
        public var unit: Source
        public var node: Source
        public var displayName: Source?
        public var roles: [String]?
    }

    public struct Condition: Sendable, Hashable, Codable {
        /// `O`, `OU`, `CN`, `C`, `L`, `ST`, `serialNumber`, `organizationIdentifier`, `UID`, `email` or a dotted OID.
        public var subject: String?
        /// `dns`, `email`, `uri` or `ip`.
        public var san: String?
        public var equals: String
    }

    /// A literal string, or `{subject: …}`, or `{san: …}`.
    public enum Source: Sendable, Hashable, Codable {
        case literal(String)
        case subject(String)
        case san(String)

        private enum Key: String, CodingKey { case subject, san }

        public init(from decoder: any Decoder) throws {
            if let literal = try? decoder.singleValueContainer().decode(String.self) {
                self = .literal(literal)
                return
            }
            let container = try decoder.container(keyedBy: Key.self)
            if let attribute = try container.decodeIfPresent(String.self, forKey: .subject) {
                self = .subject(attribute)
            } else {
                self = .san(try container.decode(String.self, forKey: .san))
            }
        }

        public func encode(to encoder: any Encoder) throws {
            switch self {
            case .literal(let text):
                var container = encoder.singleValueContainer()
                try container.encode(text)
            case .subject(let attribute):
                var container = encoder.container(keyedBy: Key.self)
                try container.encode(attribute, forKey: .subject)
            case .san(let kind):
                var container = encoder.container(keyedBy: Key.self)
                try container.encode(kind, forKey: .san)
            }
        }
    }
}

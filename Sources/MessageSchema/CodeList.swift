/// The name of one version of a code list, as a schema writes it: `x-codelist: wards@3`. A version is never changed, so that what was
/// valid stays valid.
public struct CodeListName: Hashable, Sendable, CustomStringConvertible {
    /// The registry subject.
    public let subject: String
    /// From 1.
    public let version: Int32

    public init(subject: String, version: Int32) {
        self.subject = subject
        self.version = version
    }

    /// - Returns: nil unless `text` is `subject@version`, subject not empty, version from 1 in decimal digits.
    public init?(_ text: String) {
        guard let at = text.lastIndex(of: "@"), at != text.startIndex else { return nil }
        let digits = text[text.index(after: at)...]
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let version = Int32(digits), version >= 1 else { return nil }
        self.init(subject: String(text[..<at]), version: version)
    }

    public var description: String { "\(subject)@\(version)" }
}

/// The codes that a field may have. In the registry it is a JSON Schema of its own subject with nothing but strings in `enum` (or
/// `oneOf` of `const` and `title`, where codes have names), so that any registry client can read and write it.
public struct CodeList: Hashable, Sendable {
    public let codes: Set<String>

    public init(codes: Set<String>) {
        self.codes = codes
    }
}

/// A language that Hanbridge speaks to people.
public enum Language: String, Hashable, Sendable, CaseIterable {
    case vietnamese = "vi"
    case english = "en"

    /// Reads a BCP 47 tag or a POSIX locale (`vi`, `vi-VN`, `vi_VN.UTF-8`).
    /// - Returns: nil for a language that is not spoken here; `C` and `POSIX` are English.
    public init?(tag: some StringProtocol) {
        let primary = tag.prefix { $0 != "-" && $0 != "_" && $0 != "." && $0 != "@" }.lowercased()
        switch primary {
        case "vi": self = .vietnamese
        case "en", "c", "posix": self = .english
        default: return nil
        }
    }

    /// The language of a process: the first set of `LC_ALL`, `LC_MESSAGES` and `LANG` decides, as in POSIX (XBD 8.2).
    public init(environment: [String: String]) {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        self = locale.flatMap { Language(tag: $0) } ?? .english
    }

    /// The language of an `Accept-Language` header (RFC 9110, 12.5.4): the spoken one with the greatest weight, the earlier of
    /// equals. No more than ``acceptedTagsMax`` tags are looked at.
    public init(acceptLanguage header: String, otherwise fallback: Language = .english) {
        var best: (language: Language, weight: Double)?
        for range in header.split(separator: ",", maxSplits: Self.acceptedTagsMax).prefix(Self.acceptedTagsMax) {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard let tag = parts.first else { continue }
            let weight = parts.dropFirst().lazy.compactMap(Self.weight).first ?? 1
            guard weight > 0, let language = tag == "*" ? fallback : Language(tag: tag) else { continue }
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        self = best?.language ?? fallback
    }

    public static let acceptedTagsMax = 16

    private static func weight(of parameter: String) -> Double? {
        guard parameter.lowercased().hasPrefix("q="), let weight = Double(parameter.dropFirst(2)) else { return nil }
        return min(max(weight, 0), 1)
    }
}

/// A path of `FieldRules`, taken apart.
struct FieldPath: Hashable {
    /// As it was written.
    let text: String
    let names: [String]

    /// Any value of a map, any element of an array.
    static let any = "*"

    /// - Throws: a sentence.
    init(_ text: String) throws(FieldPathError) {
        guard text.utf8.count <= FieldRules.Limits.pathBytesMax else {
            throw FieldPathError(message: "a path has at most \(FieldRules.Limits.pathBytesMax) bytes")
        }
        self.text = text
        if text.hasPrefix("/") {
            names = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(Self.unescaped)
        } else {
            names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard !names.contains("") else {
                throw FieldPathError(message: "a path is made of names joined by dots, such as address.ward; none of them is empty")
            }
        }
        guard names.count <= FieldRules.Limits.pathNamesMax else {
            throw FieldPathError(message: "a path has at most \(FieldRules.Limits.pathNamesMax) names")
        }
    }

    /// RFC 6901, section 4.
    private static func unescaped(_ token: Substring) -> String {
        guard token.contains("~") else { return String(token) }
        var text = ""
        var isEscape = false
        for scalar in token.unicodeScalars {
            if isEscape {
                text.unicodeScalars.append(scalar == "0" ? "~" : scalar == "1" ? "/" : scalar)
                isEscape = false
            } else if scalar == "~" {
                isEscape = true
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

struct FieldPathError: Error {
    let message: String
}

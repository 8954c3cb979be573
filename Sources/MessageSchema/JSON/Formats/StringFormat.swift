/// The formats of JSON Schema (2020-12, validation, section 7.3), all but the internationalised ones. A format that is not here is an
/// annotation, as the specification has it.
enum StringFormat: String, Hashable, Sendable, CaseIterable {
    case dateTime = "date-time"
    case date
    case time
    case duration
    case email
    case hostname
    case ipv4
    case ipv6
    case uri
    case uriReference = "uri-reference"
    case uriTemplate = "uri-template"
    case uuid
    case jsonPointer = "json-pointer"
    case relativeJSONPointer = "relative-json-pointer"
    case regex

    /// What the name of a format does not tell a clerk; nil where it does.
    var example: String? {
        switch self {
        case .dateTime: "2026-11-20T09:13:57+07:00"
        case .date: "2026-11-20"
        case .time: "09:13:57+07:00"
        case .duration: "P3DT4H"
        case .uri: "https://danang.example/a"
        case .uuid: "b8e7129b-fe8e-4c42-9566-a93c308a4042"
        case .email, .hostname, .ipv4, .ipv6, .uriReference, .uriTemplate, .jsonPointer, .relativeJSONPointer, .regex: nil
        }
    }

    /// - Parameter text: valid UTF-8, escapes resolved.
    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        var scanner = FormatScanner(text)
        switch self {
        case .dateTime: return scanner.takeDateTime() && scanner.isAtEnd
        case .date: return scanner.takeDate() != nil && scanner.isAtEnd
        case .time: return scanner.takeTime() && scanner.isAtEnd
        case .duration: return scanner.takeDuration() && scanner.isAtEnd
        case .email: return scanner.takeMailbox() && scanner.isAtEnd
        case .hostname: return scanner.takeHostname() && scanner.isAtEnd
        case .ipv4: return scanner.takeIPv4() && scanner.isAtEnd
        case .ipv6: return scanner.takeIPv6() && scanner.isAtEnd
        case .uri: return scanner.takeURI(mayBeRelative: false) && scanner.isAtEnd
        case .uriReference: return scanner.takeURI(mayBeRelative: true) && scanner.isAtEnd
        case .uriTemplate: return scanner.takeURITemplate() && scanner.isAtEnd
        case .uuid: return scanner.takeUUID() && scanner.isAtEnd
        case .jsonPointer: return scanner.takeJSONPointer() && scanner.isAtEnd
        case .relativeJSONPointer: return scanner.takeRelativeJSONPointer() && scanner.isAtEnd
        case .regex:
            return (try? Pattern(String(decoding: text, as: UTF8.self), allowsBacktracking: true)) != nil
        }
    }
}

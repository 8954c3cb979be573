import Foundation
import Logging

/// Writes log lines to stderr: for people, or one JSON object a line for a log store. Never a payload, key or secret: those are
/// not given to it.
struct LineLogHandler: LogHandler {
    private let label: String
    private let format: BrokerConfiguration.LoggingChoice.Format
    private let output: StandardStream
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    /// Text of one message; what is beyond is cut, so that no peer can fill the log with one line.
    static let messageBytesMax = 8192

    init(label: String, choice: BrokerConfiguration.LoggingChoice, output: StandardStream = .error) {
        self.label = label
        format = choice.format
        logLevel = choice.level
        self.output = output
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let given = event.metadata { fields.merge(given) { $1 } }
        output.writeLine(
            Self.line(
                format, at: Date(), level: event.level, label: label, message: "\(event.message)",
                fields: fields.map { ($0.key, "\($0.value)") }.sorted { $0.0 < $1.0 }))
    }

    static func line(
        _ format: BrokerConfiguration.LoggingChoice.Format, at time: Date, level: Logger.Level, label: String, message: String,
        fields: [(String, String)]
    ) -> String {
        let message = message.utf8.count <= messageBytesMax ? message : String(message.unicodeScalars.prefix(messageBytesMax / 4)) + "…"
        let stamp = time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        switch format {
        case .json:
            let fixed: [(String, JSONText)] = [
                ("time", .string(stamp)), ("level", .string(level.rawValue)), ("label", .string(label)), ("message", .string(message)),
            ]
            let own = Set(fixed.map(\.0))
            return JSONText.object(fixed + fields.filter { !own.contains($0.0) }.map { ($0.0, .string($0.1)) }).description
        case .text:
            let tail = fields.map { " \($0.0)=\(oneLine($0.1))" }.joined()
            return "\(stamp) \(level.rawValue.uppercased()) \(label): \(oneLine(message))\(tail)"
        }
    }

    /// A line break in a message would forge a line.
    private static func oneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 }) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
    }
}

/// The page that Prometheus reads, text exposition format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/): families in the order of their names, each with its type.
public struct MetricsPage {
    private struct Family {
        var word: String
        var help: String?
        var series = 0
        var lines: [String] = []
    }

    private let seriesPerNameMax: Int
    private var families: [String: Family] = [:]

    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    init(seriesPerNameMax: Int) { self.seriesPerNameMax = seriesPerNameMax }

    /// A value that goes up and down.
    public mutating func gauge(_ name: String, _ value: Double, labels: [(String, String)] = [], help: String? = nil) {
        add(name, kind: .gauge, labels: MetricLabels(labels), value: value, help: help)
    }

    /// A value that only rises while the program runs; its name ends in `_total`.
    public mutating func counter(_ name: String, _ value: Double, labels: [(String, String)] = [], help: String? = nil) {
        add(name, kind: .counter, labels: MetricLabels(labels), value: value, help: help)
    }

    mutating func add(_ name: String, kind: MetricFamily.Kind, labels: MetricLabels, value: Double, help: String? = nil) {
        append(name, kind: kind, help: help, [Self.line(name, labels, value)])
    }

    mutating func add(histogram name: String, labels: MetricLabels, bounds: [Double], counts: [UInt64], sum: Double) {
        var lines: [String] = []
        var cumulative: UInt64 = 0
        for (bound, count) in zip(bounds.map { Self.number($0) } + ["+Inf"], counts) {
            cumulative += count
            lines.append(Self.line("\(name)_bucket", labels, Double(cumulative), le: bound))
        }
        lines.append(Self.line("\(name)_sum", labels, sum))
        lines.append(Self.line("\(name)_count", labels, Double(cumulative)))
        append(name, kind: .histogram, help: nil, lines)
    }

    private mutating func append(_ name: String, kind: MetricFamily.Kind, help: String?, _ lines: [String]) {
        let name = Self.metricName(name)
        var family = families[name] ?? Family(word: kind.word)
        // One more than the limit: the overflow series itself.
        guard family.word == kind.word, family.series <= seriesPerNameMax else { return }
        family.help = family.help ?? help
        family.series += 1
        family.lines += lines
        families[name] = family
    }

    func text() -> String {
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            if let help = family.help { text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n" }
            text += "# TYPE \(name) \(family.word)\n"
            // Buckets stay in their order; whole series of a plain family are sorted, so that two pages compare.
            for line in family.word == "histogram" ? family.lines : family.lines.sorted() { text += line + "\n" }
        }
        return text
    }

    // MARK: Format

    private static func line(_ name: String, _ labels: MetricLabels, _ value: Double, le bound: String? = nil) -> String {
        var pairs = labels.pairs.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        if let bound { pairs.append("le=\"\(bound)\"") }
        let braces = pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
        return "\(name)\(braces) \(number(value))"
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if let whole = Int64(exactly: value) { return String(whole) }
        return "\(value)"
    }

    /// Backslash and line feed, and the quote inside label values.
    static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`; anything else becomes an underscore.
    static func metricName(_ text: String) -> String { name(text, allowsColon: true) }
    /// `[a-zA-Z_][a-zA-Z0-9_]*`.
    static func labelName(_ text: String) -> String { name(text, allowsColon: false) }

    private static func name(_ text: String, allowsColon: Bool) -> String {
        var name = ""
        for (index, scalar) in text.unicodeScalars.enumerated() {
            let isAllowed =
                switch scalar {
                case "a"..."z", "A"..."Z", "_": true
                case "0"..."9": index > 0
                case ":": allowsColon
                default: false
                }
            name.unicodeScalars.append(isAllowed ? scalar : "_")
        }
        return name.isEmpty ? "_" : name
    }
}

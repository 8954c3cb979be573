import Sentences

/// The time-stamp authority that `evidence.timestamp` names.
struct TimestampChoice: Equatable, Sendable {
    let url: String
    /// Absolute paths.
    let authorities: String
    let serverAuthorities: String?
    let intervalSeconds: Int
    /// From then on topics that are strict take no records.
    let outageSecondsMax: Int

    init(_ section: ConfigurationSection, _ absolute: (String) -> String) throws(ConfigurationError) {
        try section.allow(["url", "authorities", "serverAuthorities", "seconds"])
        func wrong(_ key: String) -> ConfigurationError {
            ConfigurationError(file: section.file, line: section.line(of: key) ?? section.line, sentence: .timestampChoiceWrong(section.qualified(key)))
        }
        guard let url = try section.string("url"), url.hasPrefix("http://") || url.hasPrefix("https://") else { throw wrong("url") }
        guard let authorities = try section.string("authorities") else { throw wrong("authorities") }
        let seconds = Dictionary(try section.section("seconds")?.integers().map { ($0.name, $0.value) } ?? [], uniquingKeysWith: { $1 })
        let (interval, outage) = (seconds["interval"] ?? 60, seconds["outageMax"] ?? 4 * 3600)
        guard Set(seconds.keys).isSubset(of: ["interval", "outageMax"]), (1...3600).contains(interval), (1...31 * 86_400).contains(outage) else {
            throw wrong("seconds")
        }
        self.url = url
        self.authorities = absolute(authorities)
        serverAuthorities = try section.string("serverAuthorities").map(absolute)
        intervalSeconds = interval
        outageSecondsMax = outage
    }
}

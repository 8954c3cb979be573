/// Which Hanbridge this is: `hanbridge --version`, the broker's first log line, and what our client tells a broker (KIP-511).
enum Version {
    static let current = "0.1.0"
}

/// How far a long piece of work is, on a terminal's stderr; nothing where stderr is no terminal.
struct ProgressBar {
    private let total: Int?
    private let isShown: Bool
    private var lastDrawn = -1
    private static let width = 40

    init(total: Int?) {
        self.total = total
        isShown = StandardStream.error.isTerminal && (total ?? 0) > 0
    }

    mutating func advance(to done: Int) {
        guard isShown, let total, total > 0 else { return }
        let permille = min(1000, done * 1000 / total)
        guard permille != lastDrawn else { return }
        lastDrawn = permille
        let filled = permille * Self.width / 1000
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
        StandardStream.error.write("\r\(bar) \(permille / 10) %")
    }

    /// Takes the bar away.
    func finish() {
        guard isShown else { return }
        StandardStream.error.write("\r\u{1B}[K")
    }
}

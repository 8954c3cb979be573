/// UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF) as an automaton that takes one table look-up and one
/// shift a byte, without a branch. A state is the amount by which a row is shifted; a row holds for each state, six bits at that
/// amount, the state that follows. Mixed Vietnamese text, where a branch for each character would be guessed wrong, runs at about
/// one byte a cycle.
struct UTF8Automaton: @unchecked Sendable {
    static let accept: UInt64 = 6
    static let reject: UInt64 = 0

    /// 256 rows. Written once before the value is shared and never freed (`shared` is the only one), which is what makes it Sendable.
    let rows: UnsafePointer<UInt64>

    static let shared = UTF8Automaton()

    private init() {
        let rows = UnsafeMutablePointer<UInt64>.allocate(capacity: 256)
        for byte in 0..<256 {
            rows[byte] = State.allCases.reduce(0) { $0 | State.after($1, UInt8(byte)).rawValue << $1.rawValue }
        }
        self.rows = UnsafePointer(rows)
    }

    private enum State: UInt64, CaseIterable {
        case reject = 0
        case accept = 6
        case oneMore = 12
        case twoMore = 18
        case threeMore = 24
        case afterE0 = 30
        case afterED = 36
        case afterF0 = 42
        case afterF4 = 48

        static func after(_ state: State, _ byte: UInt8) -> State {
            switch (state, byte) {
            case (.accept, 0x00...0x7F): .accept
            case (.accept, 0xC2...0xDF): .oneMore
            case (.accept, 0xE0): .afterE0
            case (.accept, 0xED): .afterED
            case (.accept, 0xE1...0xEF): .twoMore
            case (.accept, 0xF0): .afterF0
            case (.accept, 0xF1...0xF3): .threeMore
            case (.accept, 0xF4): .afterF4
            case (.oneMore, 0x80...0xBF): .accept
            case (.twoMore, 0x80...0xBF), (.afterE0, 0xA0...0xBF), (.afterED, 0x80...0x9F): .oneMore
            case (.threeMore, 0x80...0xBF), (.afterF0, 0x90...0xBF), (.afterF4, 0x80...0x8F): .twoMore
            default: .reject
            }
        }
    }
}

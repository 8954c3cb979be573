/// Why a pattern is not taken.
struct PatternError: Error, Hashable, Sendable {
    /// Scalars before the place in the pattern's text.
    let position: Int
    /// A clause in English: "the group that begins here is not closed".
    let message: String
}

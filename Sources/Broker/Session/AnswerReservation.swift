/// The room that the answer of one request of the control plane has (``AnswerRoom``).
public struct AnswerReservation: Sendable {
    private let bytes: Int
    private let takeMore: @Sendable (Int) async -> Bool

    /// For answers that nobody bounds, as in tests and behind HTTPS, which bounds its own.
    public static let unbounded = AnswerReservation(.max) { _ in true }

    /// - Parameters:
    ///   - bytes: what it has.
    ///   - takeMore: takes more in the place of that.
    init(_ bytes: Int, takeMore: @escaping @Sendable (Int) async -> Bool) {
        self.bytes = bytes
        self.takeMore = takeMore
    }

    func reserve(_ wanted: Int) async -> Bool {
        guard wanted > bytes else { return true }
        return await takeMore(wanted)
    }
}

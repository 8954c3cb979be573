/// How long a connection pauses for what it has asked, as its answer says it.
struct Throttle: Hashable {
    let nanoseconds: UInt64

    static let none = Throttle(nanoseconds: 0)

    /// Rounded up: a client that waits so long does not wait too short.
    var milliseconds: Int32 { Int32(clamping: (nanoseconds + 999_999) / 1_000_000) }
}

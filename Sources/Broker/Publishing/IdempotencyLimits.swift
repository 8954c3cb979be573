import Storage

/// What is kept for idempotency keys. README.md, "Limits", prints it.
struct IdempotencyLimits: Hashable, Sendable {
    var keysPerNodeMax = 10_000
    var keysMax = 100_000
    /// Of answers, compressed.
    var bytesPerNodeMax = 16 << 20
    var bytesMax = 128 << 20
    var ageMilliseconds: Int64 = 24 * 3600 * 1000
    var inFlightPerNodeMax = 100
    var inFlightMax = 1000

    func beganAtLeast(_ now: Int64) -> Int64 { now - ageMilliseconds }

    func rows(at now: Int64) -> NamedRequestLimits {
        NamedRequestLimits(
            countPerNodeMax: keysPerNodeMax, countMax: keysMax, bytesPerNodeMax: bytesPerNodeMax, bytesMax: bytesMax,
            beganAtLeast: beganAtLeast(now))
    }

    static var limitRows: [Limits.Row] {
        let limits = IdempotencyLimits()
        return [
            Limits.Row(name: "idempotency keys, a node", value: limits.keysPerNodeMax, meaning: "its oldest is forgotten"),
            Limits.Row(name: "idempotency keys in all", value: limits.keysMax, meaning: "the oldest is forgotten"),
            Limits.Row(name: "bytes of answers kept for idempotency keys, a node", value: limits.bytesPerNodeMax, meaning: "its oldest is forgotten"),
            Limits.Row(name: "bytes of answers kept for idempotency keys in all", value: limits.bytesMax, meaning: "the oldest is forgotten"),
            Limits.Row(name: "age of an idempotency key, ms", value: Int(limits.ageMilliseconds), meaning: "forgotten"),
            Limits.Row(name: "requests with an idempotency key in work, a node", value: limits.inFlightPerNodeMax, meaning: "503"),
            Limits.Row(name: "requests with an idempotency key in work in all", value: limits.inFlightMax, meaning: "503"),
        ]
    }
}

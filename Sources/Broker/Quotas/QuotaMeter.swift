import NIOConcurrencyHelpers

/// What one owner of quotas, a node or an agency, has used of its rates. Shared by its connections on all event loops; the lock is held for
/// a few additions.
final class QuotaMeter: Sendable {
    private let buckets = NIOLockedValueBox<[QuotaKey: TokenBucket]>([:])

    /// Counts what was done.
    /// - Parameter rate: the quota in force; nil for none.
    func count(_ amount: Double, of key: QuotaKey, rate: Double?, at now: UInt64) {
        buckets.withLockedValue { buckets in
            guard let rate else {
                buckets[key] = nil
                return
            }
            var bucket = buckets[key] ?? TokenBucket(rate: rate, at: now)
            if bucket.rate != rate { bucket.change(rate: rate, at: now) }
            bucket.take(amount, at: now)
            buckets[key] = bucket
        }
    }

    /// How long to wait, in nanoseconds.
    func debt(of key: QuotaKey, rate: Double?, at now: UInt64) -> UInt64 {
        buckets.withLockedValue { buckets in
            guard let rate, var bucket = buckets[key] else { return 0 }
            if bucket.rate != rate { bucket.change(rate: rate, at: now) }
            return bucket.debt(at: now)
        }
    }
}

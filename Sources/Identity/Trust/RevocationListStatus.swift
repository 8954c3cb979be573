/// One revocation list in force, for `doctor` and the metrics.
public struct RevocationListStatus: Sendable, Hashable {
    /// The configured authority it belongs to.
    public let authority: String
    /// The common name, or else the whole subject, of the certificate that signed it.
    public let issuer: String
    /// ms since 1970.
    public let thisUpdate: Int64
    /// ms since 1970.
    public let nextUpdate: Int64
    public let revokedCount: Int
    /// Which of the authority's certificates signed it: anchors first, then intermediates.
    let signer: Int

    /// 0 when it was made, 1 at its next update, more when it is stale.
    public func fractionOfLifeUsed(at now: Int64) -> Double {
        let life = max(1, nextUpdate - thisUpdate)
        return Double(now - thisUpdate) / Double(life)
    }

    /// Issue 2: `doctor` and a metric warn from half its life.
    public func needsAttention(at now: Int64) -> Bool { fractionOfLifeUsed(at: now) >= 0.5 }
}

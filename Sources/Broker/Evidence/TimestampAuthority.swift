/// Somebody who says when a digest was seen (RFC 3161). Tests have their own.
public protocol TimestampAuthority: Sendable {
    /// Asks, and judges the answer: a token that is returned is over the imprint, and of the authority that is configured.
    /// - Parameter imprint: SHA-256.
    /// - Returns: the answer's DER, and the time that it says, seconds since 1970.
    func stamp(_ imprint: [UInt8]) async throws(TimestampFailure) -> (token: [UInt8], time: Int64)
}

/// Why there is no token, in words for the log.
public struct TimestampFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

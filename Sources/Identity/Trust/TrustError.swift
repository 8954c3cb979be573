/// A trust configuration that cannot be used, as a sentence that names the authority or file and says what to do. The caller
/// keeps the old configuration in force.
public struct TrustError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

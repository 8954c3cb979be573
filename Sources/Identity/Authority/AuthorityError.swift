/// Why the built-in authority did not do what it was asked, as a sentence that says what to do. Nothing was issued then.
public enum AuthorityError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The request itself is wrong.
    case request(String)
    /// The request is well-formed and the authority says no.
    case refused(String)
    /// The directory, its key or its index cannot be used.
    case directory(String)

    public var description: String {
        switch self {
        case .request(let sentence), .refused(let sentence), .directory(let sentence): sentence
        }
    }
}

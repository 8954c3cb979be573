/// Why an archive, or a member of it, is refused.
public enum ZipFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bytes could not be had from where the archive is.
    case unreadable
    case notAnArchive
    case truncated
    case splitOverDisks
    case tooManyMembers(max: Int)
    case directoryTooLong(bytesMax: Int)
    case malformedDirectory
    case unsafeName(String)
    case duplicateName(String)
    case overlap(String)
    case encrypted(String)
    case unknownMethod(String, method: UInt16)
    case contradiction(String)
    case tooLong(String, bytesMax: Int)
    case damaged(String)

    public var description: String {
        switch self {
        case .unreadable: "the file cannot be read"
        case .notAnArchive: "it is not a zip file, or its end is missing"
        case .truncated: "it is a zip file of which a part is missing"
        case .splitOverDisks: "it is one part of a zip file that was cut into several"
        case .tooManyMembers(let max): "it has more than \(max) members"
        case .directoryTooLong(let bytesMax): "its list of members is longer than \(bytesMax) bytes"
        case .malformedDirectory: "its list of members cannot be read"
        case .unsafeName(let name): "the member \(name) has a name that would leave a folder, or is not plain"
        case .duplicateName(let name): "the member \(name) is there twice"
        case .overlap(let name): "the member \(name) lies over another one"
        case .encrypted(let name): "the member \(name) is encrypted"
        case .unknownMethod(let name, let method): "the member \(name) is compressed by the unknown method \(method)"
        case .contradiction(let name): "the member \(name) is told of differently in two places"
        case .tooLong(let name, let bytesMax): "the member \(name) is longer than \(bytesMax) bytes"
        case .damaged(let name): "the member \(name) is damaged"
        }
    }
}

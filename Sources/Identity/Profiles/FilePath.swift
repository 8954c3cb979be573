import Foundation

/// Paths in files that move together with the files they name.
enum FilePath {
    static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

    static func absolute(_ path: String, relativeTo directory: String) -> String {
        path.hasPrefix("/") ? path : absolute("\(directory)/\(path)")
    }

    /// `path` as seen from `directory`, with `..` where needed. Symbolic links are not followed.
    static func relative(_ path: String, to directory: String) -> String {
        let target = absolute(path).split(separator: "/")
        let origin = absolute(directory).split(separator: "/")
        let shared = zip(target, origin).prefix { $0 == $1 }.count
        guard shared > 0 else { return absolute(path) }
        return (Array(repeating: "..", count: origin.count - shared) + target.dropFirst(shared).map(String.init)).joined(separator: "/")
    }
}

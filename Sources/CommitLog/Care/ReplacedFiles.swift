import NIOConcurrencyHelpers

/// Files that were replaced and stand beside what took their place: the next replacement is written over them. To make a new file and
/// delete the old one each time costs more the more often it is done: ext4 passes over every inode that was freed in the last minutes
/// (measured with the synced marks of a thousand partitions: a fifth of the processor time of 1 KB records in).
///
/// Only one whose names are durable is written over: else a power loss could bring its old name back, and it would be torn.
final class ReplacedFiles: Sendable {
    /// Paths of what is in place, by directory.
    private let paths = NIOLockedValueBox<[Substring: Set<String>]>([:])

    func add(_ path: String) {
        paths.withLockedValue { _ = $0[Self.directory(of: path), default: []].insert(path) }
    }

    /// - Returns: false where what stands beside it, if anything, is not to be written over.
    func take(_ path: String) -> Bool {
        paths.withLockedValue { $0[Self.directory(of: path)]?.remove(path) != nil }
    }

    /// The directory goes.
    func forget(_ directory: String) {
        paths.withLockedValue { $0[directory[...]] = nil }
    }

    private static func directory(of path: String) -> Substring {
        path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
    }
}

/// Why rules cannot be held under a schema: all reasons that were found. Who gets it shows nothing of the schema's records.
public struct ProjectionError: Error, Hashable, Sendable, CustomStringConvertible {
    public struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// As the rules write it; empty for the whole.
        public let path: String
        /// A sentence in English that says what is wrong and what would be right.
        public let message: String
        /// The schema has no such field: another version of it may.
        public let isMissing: Bool

        public init(path: String, message: String, isMissing: Bool = false) {
            self.path = path
            self.message = message
            self.isMissing = isMissing
        }

        public var description: String { path.isEmpty ? message : "\(path): \(message)" }
    }

    /// Never empty.
    public let problems: [Problem]

    init(_ problems: [Problem]) { self.problems = problems }

    init(at path: String = "", _ message: String) { problems = [Problem(path: path, message: message)] }

    public var description: String { problems.map(\.description).joined(separator: "; ") }
}

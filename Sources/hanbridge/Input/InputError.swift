import Sentences

/// A line of input that is no record.
struct InputError: Error, Equatable, Sendable {
    /// From 1.
    let line: Int
    let sentence: Sentence
}

/// What bounds reading records from a file.
enum InputLimits {
    /// One record, as it stands in the file.
    static let recordBytesMax = 1 << 20
    static let columnsMax = 1000
    /// Objects and arrays inside one another.
    static let nestingMax = 64
    /// Read from the file at once.
    static let chunkBytes = 1 << 16
}

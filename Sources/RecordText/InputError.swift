public import Sentences

/// A line of input that is no record.
public struct InputError: Error, Equatable, Sendable {
    /// From 1.
    public let line: Int
    public let sentence: Sentence

    public init(line: Int, sentence: Sentence) {
        self.line = line
        self.sentence = sentence
    }
}

/// What bounds reading records.
public enum InputLimits {
    /// One record, as it stands in the file.
    public static let recordBytesMax = 1 << 20
    public static let columnsMax = 1000
    /// A column's name, in bytes: each record repeats it.
    public static let columnNameBytesMax = 256
    /// Objects and arrays inside one another.
    public static let nestingMax = 64
    /// Read from a file at once.
    public static let chunkBytes = 1 << 16
}

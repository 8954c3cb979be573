/// A mistake in an agreements file, or something in it that deserves attention, with its place.
public struct AgreementsProblem: Hashable, Sendable, CustomStringConvertible {
    public let file: String
    /// From 1; 0 where the whole file is meant.
    public let line: Int
    /// From 1, in Unicode scalars, as editors count; 0 where the whole file is meant.
    public let column: Int
    /// What is wrong and what to do, a sentence without its full stop.
    public let message: String

    public init(file: String, line: Int, column: Int, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    /// `file:line:column: message`, as compilers write it, so that editors can jump there.
    public var description: String { line == 0 ? "\(file): \(message)" : "\(file):\(line):\(column): \(message)" }
}

/// All mistakes found in a file or a set of files, at most ``problemsMax``, in the order of the text. Never empty.
public struct AgreementsError: Error, Hashable, Sendable, CustomStringConvertible {
    public let problems: [AgreementsProblem]

    /// After so many the rest of the file is not looked at.
    public static let problemsMax = 100

    init(_ problems: [AgreementsProblem]) {
        precondition(!problems.isEmpty, "an agreements error without a problem")
        self.problems = Array(problems.prefix(Self.problemsMax))
    }

    public var description: String { problems.map(\.description).joined(separator: "\n") }
}

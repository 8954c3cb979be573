/// Why bytes from elsewhere are not what they should be. Thrown by every parser of this module.
public struct FormatFault: Error, Hashable, Sendable, CustomStringConvertible {
    public let reason: Reason
    /// Where in the input it shows, from 0.
    public let byteOffset: Int

    public enum Reason: String, Hashable, Sendable, CaseIterable {
        case tooLong = "it is longer than is accepted"
        case tooShort = "it ends too early"
        case trailingBytes = "something follows its end"
        case notUTF8 = "it is not UTF-8"
        case controlCharacter = "it has a control character"
        case missingNewline = "its last line does not end"
        case missingBlankLine = "no blank line separates its parts"
        case malformedLine = "a line is not of its form"
        case malformedBase64 = "it is not base64"
        case malformedNumber = "it is not a decimal number without leading zeros"
        case malformedName = "it is no name: empty, or with a space or a plus sign"
        case malformedKey = "it is no key of the expected form"
        case unknownKeyType = "the key is of a type that is not used here"
        case keyIDMismatch = "the key's id is not the one of its name and bytes"
        case wrongHashLength = "it is not a hash of 32 bytes"
        case tooMany = "there are more of them than are accepted"
        case extensionLines = "the checkpoint has extension lines, which logs of this kind never have"
        case unknownVersion = "it is of a version that is not known here"
        case unknownFlags = "it has flags that are not known here"
        case unknownCommitment = "its commitment is of a type that is not known here"
        case contradiction = "its parts contradict each other"
        case duplicateName = "a name is defined twice"
        case duplicateKey = "a key is named twice"
        case undefinedName = "a name is used before it is defined"
        case usedTwice = "a name is a member of two groups"
        case threshold = "the threshold is not between 1 and the number of members"
        case missingQuorum = "there is no quorum line, or more than one"
    }

    public init(_ reason: Reason, at byteOffset: Int) {
        self.reason = reason
        self.byteOffset = byteOffset
    }

    public var description: String { "\(reason.rawValue) (byte \(byteOffset))" }

    /// The same within an input of which the faulty part begins at `start`.
    func moved(by start: Int) -> FormatFault { FormatFault(reason, at: byteOffset + start) }
}

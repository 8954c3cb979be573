/// What became of one record.
public enum ProjectionVerdict: Hashable, Sendable {
    /// What may be seen of it was written.
    case visible
    /// It is none of the rows. Nothing was written.
    case hidden
    /// It could not be made into a record without what must not be seen. Nothing was written, and nothing of it may pass.
    case withheld(WithheldReason)
}

/// Words for logs, metrics and the audit topic: stable, and without anything of the record.
public enum WithheldReason: String, Hashable, Sendable, CaseIterable {
    /// The bytes are no payload of the format, or hold a value where the schema has none.
    case malformed
    /// A value that its mask has no form for, such as `year` of a text that is no date.
    case unmaskable
    /// What is left is not valid under the schema.
    case invalid
    /// Deeper than `SchemaLimits.depthMax`.
    case tooDeep = "too-deep"
    /// Protobuf message indexes that name a message for which the rules do not hold.
    case unknownMessage = "unknown-message"
}

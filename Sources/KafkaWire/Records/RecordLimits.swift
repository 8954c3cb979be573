/// Bounds on one record batch.
public struct RecordLimits: Hashable, Sendable {
    /// The whole batch as it is sent, header included.
    public var batchBytesMax: Int
    /// What its records may inflate to.
    public var inflatedBytesMax: Int
    /// Records of a batch: what is kept for each (schema, salt, leaf) can be more than its 7 bytes on the wire.
    public var recordsMax: Int
    /// Headers of one record.
    public var headersMax: Int
    /// A header's name: its commitment's content gives the name's length 16 bits (EVIDENCE.md, "The leaf").
    public var headerNameBytesMax: Int

    public init(
        batchBytesMax: Int = 1 << 20, inflatedBytesMax: Int = 16 << 20, recordsMax: Int = 500_000, headersMax: Int = 1000,
        headerNameBytesMax: Int = 65_535
    ) {
        self.batchBytesMax = batchBytesMax
        self.inflatedBytesMax = inflatedBytesMax
        self.recordsMax = recordsMax
        self.headersMax = headersMax
        self.headerNameBytesMax = headerNameBytesMax
    }
}

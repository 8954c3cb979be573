public import KafkaWire
public import NIOCore

/// A record batch that passed identity, policy, size, CRC, offsets and schema. It is the only thing that can be appended.
///
/// Its initialiser is behind `@_spi(Admission)`: `Broker/Admission/AdmissionPipeline.swift` alone imports it (a structure
/// test holds that), so "unchecked data cannot reach the log" is a fact of the types.
public struct AdmittedBatch: Sendable {
    /// One whole record batch of magic 2, base offset as the producer sent it; the CRC has been verified.
    public let bytes: ByteBuffer
    /// The header of `bytes`, decoded once.
    public let header: RecordBatchHeader
    /// H(DER SubjectPublicKeyInfo) of the publisher's certificate; zero for the broker itself.
    public let writer: Digest256
    public let schemaIDs: SchemaIDs
    public let evidence: EvidenceSettings
    /// `message.timestamp.type=LogAppendTime`: the log stamps the batch and recomputes its CRC.
    public let stampsAppendTime: Bool
    public let acknowledgement: Acknowledgement

    @_spi(Admission)
    public init(
        bytes: ByteBuffer, header: RecordBatchHeader, writer: Digest256, schemaIDs: SchemaIDs,
        evidence: EvidenceSettings, stampsAppendTime: Bool, acknowledgement: Acknowledgement = .durable
    ) {
        self.bytes = bytes
        self.header = header
        self.writer = writer
        self.schemaIDs = schemaIDs
        self.evidence = evidence
        self.stampsAppendTime = stampsAppendTime
        self.acknowledgement = acknowledgement
    }
}

/// `hanbridge.ack`: what must hold before a batch is acknowledged, each word what those before it say too.
public enum Acknowledgement: String, Hashable, Sendable, CaseIterable {
    /// Its records are on the disk.
    case durable
    /// A signed checkpoint covers them.
    case checkpointed
    /// Enough witnesses have cosigned a checkpoint that covers them.
    case witnessed
}

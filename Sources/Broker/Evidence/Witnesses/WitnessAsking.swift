public import Transparency

/// The way to one witness. The composition root has one over HTTPS; tests have their own.
public protocol WitnessAsking: Sendable {
    /// As the policy file calls it.
    var witness: TrustPolicy.Witness { get }

    /// `POST …/add-checkpoint`. Ends within a few seconds, whatever the witness does.
    /// - Throws: where there was no answer.
    func add(_ request: [UInt8]) async throws(WitnessUnreachable) -> (status: Int, body: [UInt8])
}

/// A witness did not answer; the words are for the log.
public struct WitnessUnreachable: Error, Hashable, Sendable {
    public let why: String
    public init(why: String) { self.why = why }
}

/// How cosignatures are asked for and taken (EVIDENCE.md, "Witnesses and time").
public enum Cosigning {
    /// `cosign.delayMax`: what arrives later, counted from when the checkpoint was the whole log, is discarded.
    static let delayMaxMilliseconds: Int64 = 10_000
    /// How far a witness's clock may be from ours: a time beyond it would make honest records look back-dated.
    static let skewMaxMilliseconds: Int64 = 5_000
    /// An idle log is cosigned again this often.
    static let againMilliseconds: Int64 = 3_600_000
    /// Requests that one witness has in hand of us. More of them wait by their partition's name alone, and the newest checkpoint is sent.
    public static let requestsInFlightMax = 8
    /// The longest wait before a witness that did not answer is asked again.
    static let pauseSecondsMax = 30
    /// Witnesses that one broker asks: two lines of each in a note (`TransparencyLimits.signaturesMax`).
    public static let witnessesMax = 16
    /// How long a start waits for the witnesses' word.
    public static let confirmationSecondsMax = 10
}

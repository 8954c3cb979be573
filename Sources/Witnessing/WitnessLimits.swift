import Transparency

/// What bounds a witness whatever its peers send. README.md, "Limits", prints this table; each has a test at the limit and one past it.
public enum WitnessLimits {
    /// Nodes whose logs are witnessed.
    public static let peersMax = 64
    /// Logs of a peer where the configuration names no other number, and the most that it can name.
    public static let logsPerPeerMax = 10_000
    public static let logsPerPeerCeiling = 200_000
    /// Requests that wait for those before them.
    public static let requestsWaitingMax = 1_024
    /// Requests whose checkpoints become durable by one commit.
    static let requestsAtOnce = 256
    /// A request's bytes: proof lines and a note.
    public static let requestBytesMax = TransparencyLimits.proofBytesMax
    /// Contradictions kept of a peer; later ones are counted and told, and not kept.
    public static let forksPerPeerMax = 100

    /// As the README prints them.
    public static let table: [(name: String, value: String, meaning: String)] = [
        ("peers of a witness", "\(peersMax)", "the configuration is refused"),
        ("logs of a peer (`logsMax`)", "\(logsPerPeerMax)", "404: a further one is not witnessed"),
        ("requests that wait at a witness", "\(requestsWaitingMax)", "503"),
        ("bytes of a request to a witness", "\(requestBytesMax)", "413"),
        ("contradictions kept of a peer", "\(forksPerPeerMax)", "counted and told, not kept"),
    ]
}

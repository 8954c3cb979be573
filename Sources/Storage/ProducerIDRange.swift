/// Whose a producer id is, by its range.
public enum ProducerIDRange {
    /// From here on an id marks the batches of one request that the broker itself made of them (HTTPS). It is never used again, so a log
    /// has nothing to remember of it: no batch of it comes twice, and the broker itself sees to the order. No client may use one.
    public static let firstOfRequests: Int64 = 1 << 62

    public static func isOfRequest(_ producerID: Int64) -> Bool { producerID >= firstOfRequests }
}

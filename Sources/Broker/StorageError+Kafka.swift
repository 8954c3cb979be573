import KafkaWire
public import Storage

extension ErrorCode {
    /// An environment error in Kafka's words (DESIGN.md, "Refusals"). Retriable errors become codes that clients retry.
    init(_ error: StorageError) {
        self =
            switch error {
            case .diskFull, .readOnly, .io, .corrupt, .offline, .overloaded, .newerFormat: .kafkaStorageError
            case .offsetOutOfRange: .offsetOutOfRange
            case .unknownPartition: .unknownTopicOrPartition
            case .conflict: .invalidRequest
            case .shutDown: .notLeaderOrFollower
            }
    }
}

extension StorageError {
    /// For the client: what to do next. Nothing of the machine's inside.
    public var sentence: String {
        switch self {
        case .diskFull: "the broker's disk is full; try again when there is room"
        case .readOnly: "the broker's disk does not take writes; tell its operator"
        case .io, .corrupt: "the broker could not use its disk; tell its operator"
        case .offline: "the partition is out of service; tell the broker's operator"
        case .overloaded: "the partition's queue is full; try again"
        case .offsetOutOfRange: "the offset is not in the log"
        case .unknownPartition: "there is no such partition"
        case .conflict(let what): what
        case .newerFormat: "the broker's store was written by a newer version"
        case .shutDown: "the broker is stopping; try again"
        }
    }
}

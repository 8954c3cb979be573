public import KafkaWire
import Storage

/// Why a change was not made: a value, in Kafka's code and a sentence that says what to do (DESIGN.md, "Refusals").
public struct AdministrationRefusal: Error, Hashable, Sendable {
    public let errorCode: ErrorCode
    public let sentence: String

    public init(_ errorCode: ErrorCode, _ sentence: String) {
        self.errorCode = errorCode
        self.sentence = sentence
    }

    init(_ error: StorageError) { self.init(ErrorCode(error), error.sentence) }

    init(_ error: SettingError) { self.init(.invalidConfig, error.description) }

    /// One sentence for a topic that one may not administer and for one that does not exist.
    static let topicNotAuthorized = AdministrationRefusal(
        .topicAuthorizationFailed, "no agreement or role lets this node do that to a topic of this name")
    static let clusterNotAuthorized = AdministrationRefusal(
        .clusterAuthorizationFailed, "this needs the role operator")
}

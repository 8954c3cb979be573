import AccessPolicy

/// By what a connection reads a topic: the decision that lets it, remembered until the policy, the catalogue or the decision's time
/// ends it. The same object as long as it is the same reading.
final class Reading: Sendable {
    /// To subscribe or to replay, with what was declared.
    let question: AccessQuestion
    let decision: Decision
    /// nil: every record, byte for byte as it was published.
    let restriction: Restriction?

    init(_ question: AccessQuestion, by decision: Decision, _ restriction: Restriction?) {
        self.question = question
        self.decision = decision
        self.restriction = restriction
    }
}

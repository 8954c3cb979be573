import AccessPolicy

/// By what a connection reads a topic: the decision that lets it, remembered until the policy, the catalogue or the decision's time
/// ends it. The same object as long as it is the same reading.
final class Reading: Sendable {
    /// What was asked and decided, as the delivery ledger cites it.
    let grounds: DeliveryGrounds
    /// nil: every record, byte for byte as it was published. Its views are the forms of the grounds.
    let restriction: Restriction?

    /// - Parameter question: to subscribe or to replay, with what was declared.
    init(_ question: AccessQuestion, by decision: Decision, _ restriction: Restriction?) {
        grounds = DeliveryGrounds(question, decision)
        self.restriction = restriction
    }
}

public import AccessPolicy

/// What a handler knows beside the request itself.
public struct RequestContext: Sendable {
    public let peer: Peer
    /// As the client says. Nothing is decided by it but what it declares to read for.
    public let clientID: String?
    public let apiVersion: Int16
    public let services: BrokerServices
    private let answer: AnswerReservation
    /// How long the connection pauses for this request; 0 within the quotas.
    let throttleMilliseconds: Int32

    public init(
        peer: Peer, clientID: String?, apiVersion: Int16, services: BrokerServices, answer: AnswerReservation = .unbounded,
        throttleMilliseconds: Int32 = 0
    ) {
        self.peer = peer
        self.clientID = clientID
        self.apiVersion = apiVersion
        self.services = services
        self.answer = answer
        self.throttleMilliseconds = throttleMilliseconds
    }

    /// What the request is for, by its client id.
    public var purpose: PurposeDeclaration { PurposeDeclaration(clientID: clientID) }

    /// Takes room for an answer of so many bytes, waiting for it where it must. Before the answer is made, and before anything is changed;
    /// not where it is as small as its request.
    /// - Returns: false where nobody waits for the answer any more.
    func reserveAnswer(_ bytes: Int) async -> Bool { await answer.reserve(bytes) }

    /// Decides by the policy in force now, and audits a refusal. For the control plane; the data plane remembers decisions in
    /// its `TopicAccess`.
    public func decide(_ question: AccessQuestion) -> Decision {
        services.decide(question, for: peer)
    }

    public func allows(_ question: AccessQuestion) -> Bool { decide(question).isAllowed }

    /// Whether a listing shows something: what it leaves out was not asked for by name, so it is not a refusal to audit.
    public func shows(_ question: AccessQuestion) -> Bool {
        services.policy.value.decide(question, for: peer.identity, at: services.clock.now()).isAllowed
    }
}

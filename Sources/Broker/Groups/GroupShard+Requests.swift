import KafkaWire

extension GroupShard {
    /// Answers when the next generation begins, or with a refusal.
    func join(_ request: JoinRequest, group id: String) async -> JoinAnswer {
        func refused(_ refusal: GroupRefusal) -> JoinAnswer { .refused(refusal, memberID: request.memberID) }
        if let refusal { return refused(refusal) }
        guard isValid(groupID: id) else { return refused(.invalidGroupID) }
        guard request.instance?.utf8.count ?? 1 <= settings.instanceIDBytesMax, request.instance != "" else {
            return refused(.invalidRequest)
        }
        // A member of a group that was forgotten begins anew.
        if groups[id] == nil, !request.memberID.isEmpty { return refused(.unknownMember) }
        let bytes = request.protocols.reduce(1024) { $0 + $1.name.utf8.count + $1.metadata.count }
        guard memberBytes + bytes <= settings.share(of: settings.memberBytesMax), let entry = entry(makingGroup: id) else {
            return refused(.limitReached)
        }

        let ticket = takeTicket()
        let freshMemberID = Self.memberID(for: request)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waitingJoins[ticket] = continuation
                perform(on: entry) { $0.joinRequested(request, ticket: ticket, freshMemberID: freshMemberID, at: clock.now()) }
            }
        } onCancel: {
            Task { await self.abandon(ticket, group: id) }
        }
    }

    /// Answers when the leader's assignment is durable, or with a refusal.
    func sync(_ request: SyncRequest, group id: String) async -> SyncAnswer {
        if let refusal { return .refused(refusal) }
        guard let entry = groups[id] else { return .refused(.unknownMember) }
        let bytes = request.assignments.values.reduce(0) { $0 + $1.count }
        guard memberBytes + bytes <= settings.share(of: settings.memberBytesMax) else { return .refused(.limitReached) }

        let ticket = takeTicket()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waitingSyncs[ticket] = continuation
                perform(on: entry) { $0.syncRequested(request, ticket: ticket, at: clock.now()) }
            }
        } onCancel: {
            Task { await self.abandon(ticket, group: id) }
        }
    }

    /// The connection of a request is gone: whatever waits for it is let go. A request that was answered meanwhile is not
    /// found, and that is all.
    func abandon(_ ticket: RequestTicket, group id: String) {
        guard waitingJoins[ticket] != nil || waitingSyncs[ticket] != nil else { return }
        if let entry = groups[id] { perform(on: entry) { $0.requestAbandoned(ticket, at: clock.now()) } }
        waitingJoins.removeValue(forKey: ticket)?.resume(returning: .refused(.notAvailable, memberID: ""))
        waitingSyncs.removeValue(forKey: ticket)?.resume(returning: .refused(.notAvailable))
    }

    /// - Returns: nil when the member is well.
    func heartbeat(from claim: MemberClaim, generation: Int32, group id: String) -> GroupRefusal? {
        if let refusal { return refusal }
        guard let entry = groups[id] else { return .unknownMember }
        var refusal: GroupRefusal?
        perform(on: entry) { group in
            refusal = group.heartbeatReceived(from: claim, generation: generation, at: clock.now())
            return []
        }
        return refusal
    }

    /// - Returns: for each claim nil when it left.
    func leave(_ claims: [MemberClaim], group id: String) -> [GroupRefusal?] {
        if let refusal { return claims.map { _ in refusal } }
        guard let entry = groups[id] else { return claims.map { _ in .unknownMember } }
        var verdicts: [GroupRefusal?] = []
        perform(on: entry) { group in
            let (each, actions) = group.leaveRequested(claims, at: clock.now())
            verdicts = each
            return actions
        }
        return verdicts
    }

    func isValid(groupID id: String) -> Bool { !id.isEmpty && id.utf8.count <= settings.groupIDBytesMax }

    /// Kafka's form, by which operators recognise a member: client id or instance id, then something that nobody can guess. Scalars
    /// are counted, not characters: one character may be as long as the client id.
    private static func memberID(for request: JoinRequest) -> String {
        let name = String.UnicodeScalarView((request.instance ?? request.clientID).unicodeScalars.prefix(128))
        return "\(String(name))-\(UUID128.random().dashed)"
    }
}

extension UUID128 {
    /// 8-4-4-4-12 hexadecimal digits (RFC 9562).
    fileprivate var dashed: String {
        var text = hex
        for place in [20, 16, 12, 8] { text.insert("-", at: text.index(text.startIndex, offsetBy: place)) }
        return text
    }
}

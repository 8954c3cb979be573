import AccessPolicy

extension RequestContext {
    /// Whether a group request may be served for a right to use the group, or for the other right given. A refusal is audited
    /// as one of use.
    func mayUse(group: String, or other: AccessQuestion) -> Bool {
        shows(.useGroup(group)) || shows(other) || allows(.useGroup(group))
    }

    /// A change by somebody who administers a group rather than uses it is written down before it is made.
    /// - Returns: false when it could not be; the change must not be made then (DESIGN.md, promise 6).
    func recorded(_ action: String, group: String, details: [String: String] = [:]) async -> Bool {
        do {
            try await services.audit.willChange(AuditedChange(action: action, object: "group:\(group)", by: peer, details: details))
            return true
        } catch {
            return false
        }
    }

    /// As Kafka shows a member's host: a slash and the address.
    var clientHost: String {
        let address = peer.remoteAddress
        return "/" + (address.lastIndex(of: ":").map { String(address[..<$0]) } ?? address)
    }
}

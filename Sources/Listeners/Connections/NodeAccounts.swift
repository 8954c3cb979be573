import AccessPolicy
import Broker
import NIOConcurrencyHelpers

/// What one node (`agency/unit/node`) uses over all its connections, whichever event loops they are on.
final class NodeAccount: Sendable {
    let path: String
    let agency: String
    let requestBytes: ByteBudget
    let answerBytes: ByteBudget

    init(_ identity: NodeIdentity, limits: ListenerLimits) {
        path = identity.path
        agency = identity.agency
        requestBytes = ByteBudget(bytesMax: limits.requestBytesPerNodeMax)
        answerBytes = ByteBudget(bytesMax: limits.answerBytesPerNodeMax)
    }
}

/// The accounts of all nodes that have a connection. Touched when a connection begins and ends, never on the way of a request.
final class NodeAccounts: Sendable {
    private struct Entry {
        let account: NodeAccount
        var connections: Int
    }

    private struct State {
        var nodes: [String: Entry] = [:]
        var connectionsOfAgency: [String: Int] = [:]
    }

    private let limits: ListenerLimits
    private let quotas: Quotas
    private let state = NIOLockedValueBox(State())

    init(limits: ListenerLimits, quotas: Quotas = Quotas()) {
        self.limits = limits
        self.quotas = quotas
    }

    /// - Returns: why the node gets no further connection: the listener's limit, or a quota where that is smaller.
    func open(_ identity: NodeIdentity) -> Result<NodeAccount, CloseReason> {
        let quota = quotas.connectionsMax(of: identity)
        let ofNodeMax = min(limits.connectionsPerNodeMax, quota.node ?? .max)
        return state.withLockedValue { state in
            let path = identity.path
            var entry = state.nodes[path] ?? Entry(account: NodeAccount(identity, limits: limits), connections: 0)
            guard entry.connections < ofNodeMax else {
                if let own = quota.node, entry.connections >= own { quotas.refusedConnection(of: identity) }
                return .failure(.tooManyConnectionsOfNode(max: ofNodeMax))
            }
            let ofAgency = state.connectionsOfAgency[identity.agency] ?? 0
            if let max = quota.agency, ofAgency >= max {
                quotas.refusedConnection(of: identity)
                return .failure(.tooManyConnectionsOfAgency(identity.agency, max: max))
            }
            entry.connections += 1
            state.nodes[path] = entry
            state.connectionsOfAgency[identity.agency] = ofAgency + 1
            return .success(entry.account)
        }
    }

    func close(_ account: NodeAccount) {
        state.withLockedValue { state in
            guard var entry = state.nodes[account.path], entry.account === account, let ofAgency = state.connectionsOfAgency[account.agency] else {
                preconditionFailure("a connection's account was closed twice")
            }
            entry.connections -= 1
            // The maps have a node and an agency only while they are connected: they cannot grow by nodes that come and go.
            state.nodes[account.path] = entry.connections == 0 ? nil : entry
            state.connectionsOfAgency[account.agency] = ofAgency == 1 ? nil : ofAgency - 1
        }
    }

    var nodes: Int { state.withLockedValue { $0.nodes.count } }
}

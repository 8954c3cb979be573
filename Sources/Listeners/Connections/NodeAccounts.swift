import AccessPolicy
import NIOConcurrencyHelpers

/// What one node (`agency/unit/node`) uses over all its connections, whichever event loops they are on.
final class NodeAccount: Sendable {
    let path: String
    let requestBytes: ByteBudget
    let answerBytes: ByteBudget

    init(path: String, limits: ListenerLimits) {
        self.path = path
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

    private let limits: ListenerLimits
    private let entries = NIOLockedValueBox<[String: Entry]>([:])

    init(limits: ListenerLimits) {
        self.limits = limits
    }

    /// - Returns: nil when the node has all the connections that it may have.
    func open(_ identity: NodeIdentity) -> NodeAccount? {
        entries.withLockedValue { entries in
            let path = identity.path
            var entry =
                entries[path] ?? Entry(account: NodeAccount(path: path, limits: limits), connections: 0)
            guard entry.connections < limits.connectionsPerNodeMax else { return nil }
            entry.connections += 1
            entries[path] = entry
            return entry.account
        }
    }

    func close(_ account: NodeAccount) {
        entries.withLockedValue { entries in
            guard var entry = entries[account.path], entry.account === account else {
                preconditionFailure("a connection's account was closed twice")
            }
            entry.connections -= 1
            // The map has a node only while it is connected: it cannot grow by nodes that come and go.
            entries[account.path] = entry.connections == 0 ? nil : entry
        }
    }

    var nodes: Int { entries.withLockedValue { $0.count } }
}

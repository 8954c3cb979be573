import Atomics
import NIOConcurrencyHelpers
import NIOCore

/// Unfinished handshakes by address. Touched when a connection begins and when its handshake ends.
final class HandshakesByAddress: Sendable {
    private let perAddressMax: Int
    private let counts = NIOLockedValueBox<[String: Int]>([:])

    init(perAddressMax: Int) { self.perAddressMax = perAddressMax }

    func begin(_ address: String) -> Bool {
        counts.withLockedValue { counts in
            let count = counts[address] ?? 0
            guard count < perAddressMax else { return false }
            counts[address] = count + 1
            return true
        }
    }

    func end(_ address: String) {
        counts.withLockedValue { counts in
            guard let count = counts[address] else { preconditionFailure("a handshake ended that never began") }
            counts[address] = count == 1 ? nil : count - 1
        }
    }
}

/// A connection's place among all connections and among its address's handshakes. The place among the handshakes is given back
/// by `handshakeEnded`, or with the connection.
final class ConnectionPlace: Sendable {
    private let registry: ConnectionRegistry
    private let address: String
    private let isHandshaking = ManagedAtomic<Bool>(true)

    fileprivate init(registry: ConnectionRegistry, address: String) {
        self.registry = registry
        self.address = address
    }

    func handshakeEnded() {
        guard isHandshaking.exchange(false, ordering: .relaxed) else { return }
        registry.handshakes.end(address)
    }

    fileprivate func connectionEnded() {
        handshakeEnded()
        registry.connections.wrappingDecrement(ordering: .relaxed)
    }
}

/// A connection that was closed before a byte of TLS.
struct RefusedAtAccept: Error {
    let reason: CloseReason
}

extension ConnectionRegistry {
    /// Gives a connection that was just accepted its place, or says why it gets none. Nothing of TLS exists yet.
    func admit(_ channel: any Channel, listener: String) throws(RefusedAtAccept) -> ConnectionPlace {
        metrics.connectionAccepted(listener)
        let address = channel.remoteAddress?.ipAddress ?? "unknown"
        do {
            let place = try place(for: address)
            channel.closeFuture.whenComplete { _ in place.connectionEnded() }
            return place
        } catch {
            refusals.record(
                error.reason, listener: listener, remoteAddress: channel.remoteAddress.map(addressAndPort) ?? "unknown", node: nil,
                now: channel.eventLoop.now)
            metrics.connectionClosed(listener, error.reason)
            throw error
        }
    }

    private func place(for address: String) throws(RefusedAtAccept) -> ConnectionPlace {
        guard connections.wrappingIncrementThenLoad(ordering: .relaxed) <= limits.connectionsMax else {
            connections.wrappingDecrement(ordering: .relaxed)
            throw RefusedAtAccept(reason: .tooManyConnections(max: limits.connectionsMax))
        }
        guard handshakes.begin(address) else {
            connections.wrappingDecrement(ordering: .relaxed)
            throw RefusedAtAccept(reason: .tooManyHandshakesFromAddress(max: limits.handshakesPerAddressMax))
        }
        return ConnectionPlace(registry: self, address: address)
    }
}

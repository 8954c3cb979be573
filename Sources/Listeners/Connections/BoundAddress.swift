import NIOConcurrencyHelpers
import NIOCore

/// The address that a listener got, for those who wait for it: known once, or never.
final class BoundAddress: Sendable {
    private enum State {
        case waiting([CheckedContinuation<SocketAddress, any Error>])
        case settled(Result<SocketAddress, any Error>)
    }

    private let state = NIOLockedValueBox(State.waiting([]))

    /// The first call counts.
    func settle(_ result: Result<SocketAddress, any Error>) {
        let continuations = state.withLockedValue { state -> [CheckedContinuation<SocketAddress, any Error>] in
            switch state {
            case .settled: return []
            case .waiting(let continuations):
                state = .settled(result)
                return continuations
            }
        }
        for continuation in continuations { continuation.resume(with: result) }
    }

    func get() async throws -> SocketAddress {
        try await withCheckedThrowingContinuation { continuation in
            let settled = state.withLockedValue { state -> Result<SocketAddress, any Error>? in
                switch state {
                case .settled(let result): return result
                case .waiting(let continuations):
                    state = .waiting(continuations + [continuation])
                    return nil
                }
            }
            if let settled { continuation.resume(with: settled) }
        }
    }
}

/// A listener that ended before it had an address.
struct NeverBound: Error, CustomStringConvertible {
    let listener: String
    var description: String { "the \(listener) listener was stopped before it listened" }
}

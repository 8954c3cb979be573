import Identity
import NIOCore

/// A connection of the Kafka or HTTPS listener, as its event loop's shard sees it. All calls come on its event loop.
protocol LiveConnection: AnyObject {
    /// Whose certificate it rests on; nil before the handshake and where none was asked for.
    var node: AuthenticatedNode? { get }
    /// Looks at its time-outs.
    func timePassed(now: NIODeadline)
    /// Finishes what is in flight, begins nothing new, and is gone by the deadline.
    func drain(deadline: NIODeadline)
    /// Ends at once.
    func end(_ reason: CloseReason)
}

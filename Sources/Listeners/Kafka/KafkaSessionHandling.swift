public import Broker
public import NIOCore

/// What a connection hands its requests to. `Broker.KafkaSession` is one; tests have their own.
///
/// All calls come on the event loop of the connection.
public protocol KafkaSessionHandling: AnyObject {
    /// One request, without its length of four bytes. `reply` is called exactly once, on the same event loop, now or later, and
    /// in any order among requests: the listener puts answers back into the order of their requests.
    func receive(_ frame: ByteBuffer, reply: @escaping (SessionReply) -> Void)

    /// There may be room for what was asked of the session's `AnswerRoom`.
    func answerRoomCameBack()

    /// The connection has ended: replies that are still to come are dropped.
    func close()
}

/// Makes the session of a connection whose peer is known.
public typealias KafkaSessionFactory = @Sendable (Peer, any EventLoop, any AnswerRoom) -> any KafkaSessionHandling

extension KafkaSession: KafkaSessionHandling {}

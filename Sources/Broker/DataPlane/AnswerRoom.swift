/// The memory that answers take until their client has taken them, as one connection sees it. Whoever carries the answers bounds
/// it, for each node and in all; a fetch takes room for what it reads before it reads it, and every other request for its answer before it
/// makes it, so that no number of clients that ask and never read makes the broker hold more.
///
/// Confined to the connection's event loop.
public protocol AnswerRoom: AnyObject {
    /// - Returns: how many bytes were taken: `bytesMin` to `bytesMax`, or 0 where there is no room for `bytesMin`.
    func take(atLeast bytesMin: Int, upTo bytesMax: Int) -> Int
    /// Takes more, whether or not there is room: what was read turned out larger than what it was taken for.
    func charge(_ bytes: Int)
    func giveBack(_ bytes: Int)
    /// ``KafkaSession/answerRoomCameBack()`` is to be called once there may be room for as much.
    func tellWhenThereIsRoom(for bytes: Int)

    /// Takes room for a whole answer that is no Fetch's: these have what Fetches leave them.
    /// - Returns: false, and nothing is taken, where there is none.
    func takeWhole(_ bytes: Int) -> Bool
    /// As ``tellWhenThereIsRoom(for:)``, for ``takeWhole(_:)``.
    func tellWhenThereIsRoom(forWhole bytes: Int)
}

/// For sessions whose answers nobody bounds, in tests.
public final class UnlimitedAnswerRoom: AnswerRoom {
    public init() {}
    public func take(atLeast bytesMin: Int, upTo bytesMax: Int) -> Int { bytesMax }
    public func charge(_ bytes: Int) {}
    public func giveBack(_ bytes: Int) {}
    public func tellWhenThereIsRoom(for bytes: Int) {}
    public func takeWhole(_ bytes: Int) -> Bool { true }
    public func tellWhenThereIsRoom(forWhole bytes: Int) {}
}

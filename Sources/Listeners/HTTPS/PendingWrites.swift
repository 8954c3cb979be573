import NIOCore

/// Knows what of a connection's or a stream's answers the client has not taken yet, so that memory is given back when it is gone and not
/// when it was handed on: between the two stand TLS, HTTP/2's windows and the client's own.
///
/// A client that takes nothing for `writeStallTimeout` while something waits ends its connection.
final class PendingWrites: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = NIOAny

    private let stallTimeout: TimeAmount
    /// Owned by the channel's event loop, as everything here.
    private var pending = 0
    private var lastProgress = NIODeadline.distantPast
    private var check: Scheduled<Void>?
    private var waiting: [EventLoopPromise<Void>] = []

    init(stallTimeout: TimeAmount) { self.stallTimeout = stallTimeout }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if pending == 0 { begin(context) }
        pending += 1
        let promise = promise ?? context.eventLoop.makePromise()
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            pending -= 1
            lastProgress = context.eventLoop.now
            if pending == 0 { settle() }
        }
        context.write(data, promise: promise)
    }

    /// Succeeds when the client has taken everything that was written so far, or is gone. On the event loop.
    func taken(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        guard pending > 0 else { return eventLoop.makeSucceededVoidFuture() }
        let promise = eventLoop.makePromise(of: Void.self)
        waiting.append(promise)
        return promise.futureResult
    }

    func handlerRemoved(context: ChannelHandlerContext) { settle() }

    private func begin(_ context: ChannelHandlerContext) {
        lastProgress = context.eventLoop.now
        schedule(context, at: lastProgress + stallTimeout)
    }

    private func schedule(_ context: ChannelHandlerContext, at deadline: NIODeadline) {
        check = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
            guard pending > 0 else { return }
            guard context.eventLoop.now >= lastProgress + stallTimeout else { return schedule(context, at: lastProgress + stallTimeout) }
            connection(context)?.end(.writeStalled(waitingBytes: nil))
        }
    }

    /// In the channel's own pipeline (HTTP/1.1), else in that of the connection whose stream it is: the parent of a connection would be the
    /// listening socket.
    private func connection(_ context: ChannelHandlerContext) -> HTTPSConnectionHandler? {
        if let own = try? context.pipeline.syncOperations.handler(type: HTTPSConnectionHandler.self) { return own }
        return try? context.channel.parent?.pipeline.syncOperations.handler(type: HTTPSConnectionHandler.self)
    }

    private func settle() {
        check?.cancel()
        check = nil
        let promises = waiting
        waiting = []
        for promise in promises { promise.succeed(()) }
    }
}

extension Channel {
    /// Waits until the client has taken everything that was written to this channel so far, or is gone.
    func answersTaken() async throws {
        try await eventLoop.flatSubmit { [self] in
            guard let writes = try? pipeline.syncOperations.handler(type: PendingWrites.self) else { return eventLoop.makeSucceededVoidFuture() }
            return writes.taken(on: eventLoop)
        }.get()
    }
}

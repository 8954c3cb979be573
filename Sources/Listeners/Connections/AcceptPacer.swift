import NIOCore

/// Bounds how many connections a second a listening socket accepts: above it the next ones wait in the kernel's backlog, which
/// costs us nothing, while handshakes cost a signature each.
final class AcceptPacer: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    private let acceptsPerSecondMax: Int
    private var windowEnd: NIODeadline = .distantPast
    private var acceptedInWindow = 0
    private var isWaiting = false

    init(acceptsPerSecondMax: Int) { self.acceptsPerSecondMax = acceptsPerSecondMax }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let now = context.eventLoop.now
        if now >= windowEnd {
            windowEnd = now + .seconds(1)
            acceptedInWindow = 0
        }
        acceptedInWindow += 1
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        guard acceptedInWindow >= acceptsPerSecondMax, context.eventLoop.now < windowEnd else {
            context.read()
            return
        }
        guard !isWaiting else { return }
        isWaiting = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(deadline: windowEnd) {
            let (pacer, context) = bound.value
            pacer.isWaiting = false
            pacer.acceptedInWindow = 0
            context.read()
        }
    }
}

import NIOCore
import NIOEmbedded
import Testing

@testable import Listeners

@Suite struct AcceptPacerTests {
    /// Counts the wishes to accept that reach the socket.
    private final class Socket: ChannelOutboundHandler {
        typealias OutboundIn = Never
        var reads = 0
        func read(context: ChannelHandlerContext) { reads += 1 }
    }

    @Test("connections of one second: the last one allowed is accepted, the next waits for the end of the second")
    func rate() throws {
        let loop = EmbeddedEventLoop()
        let socket = Socket()
        let channel = EmbeddedChannel(handlers: [socket, AcceptPacer(acceptsPerSecondMax: 3)], loop: loop)
        for second in 0..<3 {
            let before = socket.reads
            for _ in 0..<3 {
                channel.read()
                channel.pipeline.fireChannelRead(EmbeddedChannel() as any Channel)
            }
            #expect(socket.reads == before + 3, "second \(second): at the limit")
            for _ in 0..<5 { channel.read() }
            loop.advanceTime(by: .milliseconds(999))
            #expect(socket.reads == before + 3, "second \(second): past it the kernel's backlog waits")
            loop.advanceTime(by: .milliseconds(1))
            #expect(socket.reads == before + 4, "second \(second): one wish is remembered")
            loop.advanceTime(by: .seconds(1))
        }
    }

    @Test("whoever stays below the rate never waits")
    func slowly() throws {
        let loop = EmbeddedEventLoop()
        let socket = Socket()
        let channel = EmbeddedChannel(handlers: [socket, AcceptPacer(acceptsPerSecondMax: 2)], loop: loop)
        for count in 1...20 {
            channel.read()
            channel.pipeline.fireChannelRead(EmbeddedChannel() as any Channel)
            #expect(socket.reads == count)
            loop.advanceTime(by: .milliseconds(501))
        }
    }
}

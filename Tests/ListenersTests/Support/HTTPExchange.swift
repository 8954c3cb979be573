import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// One HTTP/1.1 request and its answer, as text over a connection of its own.
struct HTTPExchange {
    let status: Int
    let headers: [String: String]
    let body: String

    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:] }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var bytes = ByteBuffer()
        private let promise: EventLoopPromise<ByteBuffer>

        init(_ promise: EventLoopPromise<ByteBuffer>) { self.promise = promise }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var piece = unwrapInboundIn(data)
            bytes.writeBuffer(&piece)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
        func channelInactive(context: ChannelHandlerContext) { promise.succeed(bytes) }
    }

    /// - Parameter context: nil for plain HTTP.
    /// - Returns: nil when the connection ended without an answer.
    static func ask(
        _ method: String, _ path: String, headers: [String: String] = [:], body: String? = nil, declaredLength: Int? = nil,
        at address: SocketAddress, _ context: NIOSSLContext?, group: any EventLoopGroup
    ) async throws -> HTTPExchange? {
        let (channel, received) = try await ClientBootstrap(group: group).connect(to: address) { channel in
            channel.eventLoop.makeCompletedFuture {
                let promise = channel.eventLoop.makePromise(of: ByteBuffer.self)
                if let context {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
                }
                try channel.pipeline.syncOperations.addHandler(Collector(promise))
                return (channel, promise.futureResult)
            }
        }
        var text = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Length: \(declaredLength ?? body.utf8.count)\r\n\r\n\(body)" } else { text += "\r\n" }
        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        return parse(String(buffer: try await received.get()))
    }

    private static func parse(_ text: String) -> HTTPExchange? {
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        return HTTPExchange(status: status, headers: headers, body: String(text[end.upperBound...]))
    }
}

import KafkaWire
import NIOCore
import NIOPosix

/// One connection to one broker. Requests may be made from anywhere and are answered in their order.
final class KafkaConnection: Sendable {
    let address: HostAndPort
    let versions: VersionTable
    private let channel: any Channel
    private let handler: NIOLoopBound<KafkaClientHandler>
    private let clientID: String
    private let limits: ClientLimits

    private init(
        address: HostAndPort, versions: VersionTable, channel: any Channel, handler: NIOLoopBound<KafkaClientHandler>,
        clientID: String, limits: ClientLimits
    ) {
        self.address = address
        self.versions = versions
        self.channel = channel
        self.handler = handler
        self.clientID = clientID
        self.limits = limits
    }

    var eventLoop: any EventLoop { channel.eventLoop }
    var isActive: Bool { channel.isActive }

    /// Connects, completes the TLS handshake and learns the broker's versions.
    static func open(
        to address: HostAndPort, security: ClientSecurity, clientID: String, on group: any EventLoopGroup,
        limits: ClientLimits = ClientLimits()
    ) async throws(ClientError) -> KafkaConnection {
        let channel: any Channel
        let handler: NIOLoopBound<KafkaClientHandler>
        do {
            channel = try await ClientBootstrap(group: group)
                .connectTimeout(limits.connectTimeout)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try security.addHandlers(to: channel.pipeline.syncOperations, host: address.host)
                        try channel.pipeline.syncOperations.addHandler(KafkaClientHandler(address: address, limits: limits))
                    }
                }
                .connect(host: address.host, port: address.port).get()
            handler = try await channel.eventLoop.submit {
                NIOLoopBound(try channel.pipeline.syncOperations.handler(type: KafkaClientHandler.self), eventLoop: channel.eventLoop)
            }.get()
        } catch {
            throw .connection(to: address, ended: error)
        }
        let stranger = KafkaConnection(
            address: address, versions: .unknown, channel: channel, handler: handler, clientID: clientID, limits: limits)
        do {
            let versions = try await stranger.askVersions()
            return KafkaConnection(
                address: address, versions: versions, channel: channel, handler: handler, clientID: clientID, limits: limits)
        } catch {
            stranger.close()
            throw error
        }
    }

    /// KIP-511: a broker that does not know our version of this one request answers in version 0.
    private func askVersions() async throws(ClientError) -> VersionTable {
        let version: Int16 = 3
        let request = ApiVersionsRequest {
            $0.clientSoftwareName = "hanbridge"
            $0.clientSoftwareVersion = Version.current
        }
        var answer = try await exchange(frame(of: request, version: version))
        _ = try header(of: &answer, api: .apiVersions, version: version)
        let unsupported = answer.getInteger(at: answer.readerIndex, as: Int16.self) == ErrorCode.unsupportedVersion.rawValue
        let response = try decode(ApiVersionsResponse.self, from: &answer, version: unsupported ? 0 : version)
        guard unsupported || !response.errorCode.isError else { throw .refused(response.errorCode, message: nil) }
        return VersionTable(response)
    }

    /// Makes a request and waits for its answer.
    /// - Throws: ``ClientError``; the answer's own error codes are the caller's to read.
    func call<Request: KafkaRequest>(_ request: Request, within timeout: TimeAmount? = nil) async throws(ClientError) -> Request.Response {
        guard let version = versions.version(for: Request.self) else { throw .unsupported(Request.apiKey) }
        var answer = try await exchange(frame(of: request, version: version), within: timeout)
        _ = try header(of: &answer, api: Request.apiKey, version: version)
        return try decode(Request.Response.self, from: &answer, version: version)
    }

    /// The frame of a request, length in front, correlation id left to be set when it is sent.
    func frame<Request: KafkaRequest>(of request: Request, version: Int16) -> ByteBuffer {
        var frame = channel.allocator.buffer(capacity: 256)
        frame.writeInteger(0 as Int32)
        RequestHeader(apiKey: Request.apiKey.rawValue, apiVersion: version, correlationID: 0, clientID: clientID).encode(into: &frame)
        request.encode(into: &frame, version: version)
        frame.setInteger(Int32(frame.readableBytes - 4), at: frame.readerIndex)
        return frame
    }

    func exchange(_ frame: ByteBuffer, within timeout: TimeAmount? = nil) async throws(ClientError) -> ByteBuffer {
        let result: Result<ByteBuffer, ClientError> = await withCheckedContinuation { continuation in
            start(frame, within: timeout) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Makes a request now: requests go out in the order of these calls. `completion` runs on the event loop.
    func start<Request: KafkaRequest>(
        _ request: Request, completion: @escaping @Sendable (Result<Request.Response, ClientError>) -> Void
    ) {
        guard let version = versions.version(for: Request.self) else { return completion(.failure(.unsupported(Request.apiKey))) }
        start(frame(of: request, version: version), within: nil) { result in
            completion(
                result.flatMap { answer in
                    Result { () throws(ClientError) in
                        var answer = answer
                        _ = try self.header(of: &answer, api: Request.apiKey, version: version)
                        return try self.decode(Request.Response.self, from: &answer, version: version)
                    }
                })
        }
    }

    private func start(
        _ frame: ByteBuffer, within timeout: TimeAmount?, completion: @escaping @Sendable (Result<ByteBuffer, ClientError>) -> Void
    ) {
        let limit = timeout ?? limits.requestTimeout
        let (address, handler, channel) = (address, handler, channel)
        eventLoop.execute {
            let due = NIODeadline.now() + limit
            // An answer that came later would be taken for that of the next request: the connection ends with the first.
            let deadline = channel.eventLoop.scheduleTask(deadline: due) { channel.close(promise: nil) }
            handler.value.send(frame, flush: true) { result in
                deadline.cancel()
                completion(NIODeadline.now() >= due ? .failure(.timedOut(address)) : result)
            }
        }
    }

    /// For the benchmarks: runs on the event loop with the handler, no task and no timer a request.
    func withHandler(_ body: @escaping @Sendable (KafkaClientHandler) -> Void) {
        let handler = handler
        eventLoop.execute { body(handler.value) }
    }

    func header(of answer: inout ByteBuffer, api: ApiKey, version: Int16) throws(ClientError) -> Int32 {
        do {
            return try ResponseHeader.decode(from: &answer, api: api, version: version)
        } catch {
            throw .malformed(error.description)
        }
    }

    private func decode<Response: WireMessage>(
        _: Response.Type, from answer: inout ByteBuffer, version: Int16
    ) throws(ClientError) -> Response {
        do {
            return try Response.decode(from: &answer, version: version, limits: .responses)
        } catch {
            throw .malformed(error.description)
        }
    }

    func close() { channel.close(promise: nil) }
}

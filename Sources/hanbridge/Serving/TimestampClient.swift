import AsyncHTTPClient
import Broker
import Foundation
import Identity
import NIOCore
import NIOHTTP1
import NIOSSL

/// Asks a time-stamp authority over HTTP (RFC 3161, 3.4). One question at a time, with bounds on how long and how much it answers.
struct TimestampClient: TimestampAuthority {
    let url: String
    /// DER: whose tokens are believed.
    let anchors: [[UInt8]]
    private let http: HTTPClient

    private static let timeout: TimeAmount = .seconds(15)

    /// - Parameter certificateFile: the authorities of an HTTPS address, PEM; nil for the system's.
    init(url: String, anchors: [[UInt8]], certificateFile: String?) {
        self.url = url
        self.anchors = anchors
        var configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(5), read: .seconds(10)))
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        if let certificateFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(certificateFile)
            configuration.tlsConfiguration = tls
        }
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutDown() async { try? await http.shutdown() }

    func stamp(_ imprint: [UInt8]) async throws(TimestampFailure) -> (token: [UInt8], time: Int64) {
        let question = TimestampRequest(imprint: imprint)
        let answer = TimestampResponse(try await ask(question.bytes))
        switch answer.stamp(over: imprint, answering: question, under: anchors) {
        case .success(let stamp): return (answer.bytes, stamp.time)
        case .failure(let refusal): throw TimestampFailure(refusal.description)
        }
    }

    private func ask(_ question: [UInt8]) async throws(TimestampFailure) -> [UInt8] {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/timestamp-query")
        request.headers.add(name: "Accept", value: "application/timestamp-reply")
        request.body = .bytes(ByteBuffer(bytes: question))
        do {
            let response = try await http.execute(request, timeout: Self.timeout)
            guard response.status == .ok else { throw TimestampFailure("\(url) answers \(response.status)") }
            return Array((try await response.body.collect(upTo: TimestampResponse.bytesMax)).readableBytesView)
        } catch let failure as TimestampFailure {
            throw failure
        } catch {
            throw TimestampFailure("\(url) does not answer: \(error)")
        }
    }
}

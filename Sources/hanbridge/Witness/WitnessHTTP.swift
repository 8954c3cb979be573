import AsyncHTTPClient
import Broker
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOSSL
import Sentences
import Transparency

/// Asks a witness over HTTPS with the certificate that its operator issued.
final class WitnessHTTP: WitnessAsking {
    let address: WitnessAddress
    var witness: TrustPolicy.Witness { address.witness }
    private let http: HTTPClient
    private let credentials: NIOLockedValueBox<Credentials?>

    private struct Credentials {
        let tls: TLSConfiguration
        let modifiedAt: [Date?]
        let lookedAt: NIODeadline
    }

    /// How often the files are looked at: a renewed certificate is shown within it.
    private static let lookInterval: TimeAmount = .seconds(10)

    static let answerBytesMax = TransparencyLimits.noteBytesMax
    private static let timeout: TimeAmount = .seconds(5)

    /// - Parameter http: made by ``client()``; shut down by whoever made it.
    /// - Throws: where the profile's files cannot be used.
    init(_ address: WitnessAddress, _ http: HTTPClient) throws(CommandFailure) {
        self.address = address
        self.http = http
        credentials = NIOLockedValueBox(nil)
        _ = try tls()
    }

    static func client() -> HTTPClient {
        var configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(2), read: timeout))
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func add(_ request: [UInt8]) async throws(WitnessUnreachable) -> (status: Int, body: [UInt8]) {
        try await execute("add-checkpoint") { message in
            message.method = .POST
            message.headers.add(name: "Content-Type", value: "text/plain; charset=utf-8")
            message.body = .bytes(ByteBuffer(bytes: request))
        }
    }

    /// `GET …/<id of the origin>/checkpoint`: nil where the witness has cosigned nothing of the log.
    func checkpoint(of origin: KeyName) async throws(WitnessUnreachable) -> [UInt8]? {
        let id = TreeHashing.hash(of: Array(origin.text.utf8))
        let answer = try await execute("\(id)/checkpoint")
        switch answer.status {
        case 200: return answer.body
        case 404: return nil
        default: throw WitnessUnreachable(why: "it answered \(answer.status)")
        }
    }

    private func execute(
        _ path: String, _ complete: (inout HTTPClientRequest) -> Void = { _ in }
    ) async throws(WitnessUnreachable) -> (status: Int, body: [UInt8]) {
        do {
            var request = HTTPClientRequest(url: "\(address.url)/\(path)")
            request.tlsConfiguration = try tls()
            complete(&request)
            let response = try await http.execute(request, timeout: Self.timeout)
            let body = try await response.body.collect(upTo: Self.answerBytesMax)
            return (Int(response.status.code), Array(body.readableBytesView))
        } catch let failure as CommandFailure {
            throw WitnessUnreachable(why: failure.sentence.english)
        } catch {
            throw WitnessUnreachable(why: "\(address.url): \(error)")
        }
    }

    /// As the files have it now: a certificate that was renewed is shown with the next connection.
    private func tls() throws(CommandFailure) -> TLSConfiguration? {
        guard let path = address.profile else { return nil }
        let now = NIODeadline.now()
        let known = credentials.withLockedValue { $0 }
        if let known, now < known.lookedAt + Self.lookInterval { return known.tls }
        let profile = try Profile(contentsOf: path)
        let modifiedAt = [profile.ca, profile.certificate, profile.key].map {
            (try? FileManager.default.attributesOfItem(atPath: $0))?[.modificationDate] as? Date
        }
        let tls: TLSConfiguration
        if let known, known.modifiedAt == modifiedAt { tls = known.tls } else { tls = try profile.clientTLS() }
        credentials.withLockedValue { $0 = Credentials(tls: tls, modifiedAt: modifiedAt, lookedAt: now) }
        return tls
    }
}

import AccessPolicy
import Broker
import Foundation
import Identity
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import Sentences
import ServiceLifecycle
import Testing

@testable import Listeners

@Suite(.serialized) struct HTTPSListenerTests {
    @Test("without a certificate every path answers 401, in the reader's language", arguments: ["/v1/topics", "/openapi.json", "/nowhere", "/"])
    func unauthenticated(path: String) async throws {
        try await withHTTPS { https in
            let answer = try #require(try await https.ask("GET", path, as: nil, headers: ["Accept-Language": "vi"]))
            #expect(answer.status == 401)
            #expect(answer.headers["content-type"] == "application/problem+json")
            #expect(answer.headers["content-language"] == "vi")
            #expect(answer.json["type"] as? String == "urn:hanbridge:problem:certificate-missing")
            #expect(answer.json["title"] as? String == Problem.certificateMissing.title.vietnamese)
            #expect(answer.json["status"] as? Int == 401)
        }
    }

    @Test("a bad certificate ends the handshake: no answer at all")
    func badCertificate() async throws {
        try await withHTTPS { https in
            let foreign = try TestCity().node("health/registry/a")
            let revoked = try https.city.node("health/registry/b")
            try https.city.revoke(revoked)
            try https.registry.trust.replace(with: https.city.material())
            for certificate in [foreign, revoked] {
                let answer = try await https.ask("GET", "/v1/whoami", as: certificate)
                #expect(answer == nil)
            }
        }
    }

    @Test("whoami tells the identity that the certificate proves")
    func whoAmI() async throws {
        try await withHTTPS { https in
            let node = try https.city.node("health/registry/linh", roles: [Role.member, Role.steward])
            let answer = try #require(try await https.ask("GET", "/v1/whoami", as: node))
            #expect(answer.status == 200)
            #expect(answer.json["principal"] as? String == "User:health/registry/linh")
            #expect(answer.json["roles"] as? [String] == ["member", "steward"])
            #expect(answer.json["certificateFingerprint"] as? String == node.record.fingerprint)
        }
    }

    @Test("unknown paths answer 404, known ones with another method 405, forbidden ones 403")
    func refusals() async throws {
        try await withHTTPS { https in
            let node = try https.city.node("health/registry/a")
            #expect(try await https.ask("GET", "/v1/nothing", as: node)?.status == 404)
            #expect(try await https.ask("GET", "/v1/topics/other", as: node)?.status == 404)
            #expect(try await https.ask("GET", "/v1/agreements/versions/none", as: node)?.status == 404)
            let method = try await https.ask("DELETE", "/v1/agreements", as: node)
            #expect(method?.status == 405)
            #expect(method?.headers["allow"] == "GET, POST, PUT")
            #expect(try await https.ask("GET", "/v1/agreements", as: node)?.status == 403)
            #expect(try await https.ask("GET", "/v1/topics/health.vaccination%2Ev1", as: node)?.status == 200)
        }
    }

    @Test("agreements are applied whole; a dry run changes nothing; faults name file and line")
    func apply() async throws {
        try await withHTTPS { https in
            let node = try https.city.node("health/registry/a", roles: [Role.member, Role.steward])
            let json = ["Content-Type": "application/json"]
            let good = #"{"files": {"a.yaml": "agreements: []"}}"#
            let dry = try await https.ask("PUT", "/v1/agreements?dry-run=true", as: node, headers: json, body: good)
            #expect(dry?.status == 200)
            #expect(dry?.json["dryRun"] as? Bool == true)
            #expect(https.administration.applied.withLockedValue { $0.isEmpty })
            let applied = try await https.ask("POST", "/v1/agreements", as: node, headers: json, body: good)
            #expect(applied?.json["version"] as? Int == 4)
            #expect(https.administration.applied.withLockedValue { $0 } == [["a.yaml": "agreements: []"]])
            let bad = try await https.ask("PUT", "/v1/agreements", as: node, headers: json, body: #"{"files": {"b.yaml": "bad"}}"#)
            #expect(bad?.status == 422)
            let faults = bad?.json["errors"] as? [[String: Any]]
            #expect(faults?.first?["file"] as? String == "b.yaml")
            #expect(faults?.first?["line"] as? Int == 2)
            #expect(try await https.ask("PUT", "/v1/agreements", as: node, headers: json, body: "[1]")?.status == 400)
            #expect(try await https.ask("PUT", "/v1/agreements?dry-run=maybe", as: node, headers: json, body: good)?.status == 400)
            #expect(try await https.ask("PUT", "/v1/agreements", as: node, body: good)?.status == 415)
            #expect(https.administration.applied.withLockedValue { $0.count } == 1)
        }
    }

    @Test("a body at the limit is read, one past it answers 413, whether it is sent or only announced")
    func bodyLimit() async throws {
        var limits = ListenerLimits()
        limits.httpBodyBytesMax = 1000
        try await withHTTPS(limits) { https in
            let node = try https.city.node("health/registry/a")
            let json = ["Content-Type": "application/json"]
            func body(_ bytes: Int) -> String {
                let frame = #"{"files": {"a.yaml": ""}}"#
                return #"{"files": {"a.yaml": ""# + String(repeating: "#", count: bytes - frame.utf8.count) + #""}}"#
            }
            #expect(try await https.ask("PUT", "/v1/agreements", as: node, headers: json, body: body(1000))?.status == 200)
            #expect(try await https.ask("PUT", "/v1/agreements", as: node, headers: json, body: body(1001))?.status == 413)
            let announced = try await https.ask(
                "PUT", "/v1/agreements", as: node, headers: json, body: "{", declaredLength: 2_000_000_000)
            #expect(announced?.status == 413)
        }
    }

    @Test("header fields at the limit are read, past it the connection gets 431 or ends")
    func headerLimit() async throws {
        var limits = ListenerLimits()
        limits.httpHeaderBytesMax = 2048
        try await withHTTPS(limits) { https in
            let node = try https.city.node("health/registry/a")
            func ask(_ count: Int) async throws -> Int? {
                try await https.ask("GET", "/v1/whoami", as: node, headers: ["X-Long": String(repeating: "x", count: count)])?.status
            }
            // The other fields of the request take some of it.
            #expect(try await ask(1900) == 200)
            let past = try await ask(2049)
            #expect(past == nil || past == 431 || past == 400)
        }
    }

    @Test("a body that never ends is given up after the request's time")
    func slowBody() async throws {
        var limits = ListenerLimits()
        limits.requestTimeout = .milliseconds(300)
        limits.closeNotifyTimeout = .milliseconds(100)
        try await withHTTPS(limits) { https in
            let node = try https.city.node("health/registry/a")
            let answer = try await https.ask(
                "PUT", "/v1/agreements", as: node, headers: ["Content-Type": "application/json"], body: "{", declaredLength: 10)
            // Either our answer came first, or the idle time of the connection.
            #expect(answer == nil || answer?.status == 408)
        }
    }

    @Test("the OpenAPI document lists exactly the routes that answer")
    func openAPI() async throws {
        try await withHTTPS { https in
            let node = try https.city.node("health/registry/a")
            let answer = try #require(try await https.ask("GET", "/openapi.json", as: node))
            #expect(answer.json["openapi"] as? String == "3.1.0")
            let paths = try #require(answer.json["paths"] as? [String: [String: Any]])
            let listed = Set(paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } })
            let table = RouteTable(AdministrationRoutes(FakeAdministration()).all + PublishingRoutes(FakePublisher()).all)
            #expect(listed == Set(table.routes.map(\.name)))
            #expect(
                listed == [
                    "GET /v1/whoami", "GET /v1/topics", "GET /v1/topics/{topic}", "GET /v1/groups", "GET /v1/groups/{group}",
                    "GET /v1/agreements", "GET /v1/agreements/versions", "GET /v1/agreements/versions/{version}",
                    "PUT /v1/agreements", "POST /v1/agreements", "POST /v1/backups", "POST /v1/topics/{topic}/records", "GET /openapi.json",
                    "POST /v1/agreements/{agreement}/end", "POST /v1/agreements/rehearse", "POST /v1/emergencies", "GET /v1/emergencies",
                    "POST /v1/emergencies/{emergency}/confirm", "GET /v1/decisions/explain", "GET /v1/quotas", "POST /v1/quotas", "POST /v1/holds", "GET /v1/holds", "POST /v1/holds/release", "POST /v1/topics/{topic}/partitions/{partition}/reopen", "POST /v1/journal/reopen",
                ])
            for (path, methods) in paths {
                for operation in methods.values {
                    let responses = (operation as? [String: Any])?["responses"] as? [String: Any]
                    #expect(responses?["401"] != nil, "\(path)")
                }
            }
        }
    }

    @Test("revocation ends a live HTTPS connection")
    func revocation() async throws {
        try await withHTTPS { https in
            let node = try https.city.node("health/registry/a")
            let client = try await TestClient.connect(to: https.address, try https.city.clientContext(node), group: https.group)
            #expect(try await eventually { https.registry.nodeCount == 1 })
            try https.city.revoke(node)
            try https.registry.trust.replace(with: https.city.material())
            #expect(try await https.registry.recheckLiveConnections() == 1)
            try await client.ended()
            #expect(https.registry.nodeCount == 0)
        }
    }

    @Test("HTTP/2 is spoken with those who want it", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl")))
    func http2() async throws {
        try await withHTTPS { https in
            let files = try https.city.write(try https.city.node("health/registry/a"), as: "a")
            let text = await Program.output(
                "/usr/bin/curl",
                [
                    "--silent", "--max-time", "20", "--http2", "--cacert", "\(https.city.directory)/pki/ca.pem", "--cert",
                    files.certificate, "--key", files.key, "--write-out", "%{http_version} %{http_code}", "--output", "/dev/null",
                    "https://127.0.0.1:\(https.address.port ?? 0)/v1/whoami",
                ])
            #expect(text == "2 200")
        }
    }

    /// Speaks HTTP over a connection that stays open, and tells of the first bytes of the answer.
    private final class Lingerer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var promise: EventLoopPromise<Bool>?

        init(_ promise: EventLoopPromise<Bool>) { self.promise = promise }

        private func settle(_ isAnswered: Bool) {
            promise?.succeed(isAnswered)
            promise = nil
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { settle(true) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
        func channelInactive(context: ChannelHandlerContext) { settle(false) }
        func handlerRemoved(context: ChannelHandlerContext) { settle(false) }
    }

    private func linger(_ https: RunningHTTPS, as node: IssuedCertificate?) async throws -> (any Channel, isAnswered: Bool) {
        let tls = try https.city.clientContext(node)
        let (channel, answered) = try await ClientBootstrap(group: https.group).connect(to: https.address) { channel in
            channel.eventLoop.makeCompletedFuture {
                let promise = channel.eventLoop.makePromise(of: Bool.self)
                try channel.pipeline.syncOperations.addHandlers(
                    NIOSSLClientHandler(context: tls, serverHostname: nil), Lingerer(promise))
                return (channel, promise.futureResult)
            }
        }
        channel.writeAndFlush(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), promise: nil)
        return (channel, try await answered.get())
    }

    @Test("strangers of one address have no more connections than it may have unfinished handshakes; nodes have theirs")
    func strangers() async throws {
        var limits = ListenerLimits()
        limits.handshakesPerAddressMax = 2
        try await withHTTPS(limits) { https in
            let node = try https.city.node("health/registry/a")
            let first = try await linger(https, as: nil)
            let second = try await linger(https, as: node)
            let third = try await linger(https, as: nil)
            #expect(first.isAnswered && second.isAnswered && third.isAnswered)
            let past = try await linger(https, as: nil)
            #expect(!past.isAnswered, "one past the limit")
            for channel in [first.0, second.0, third.0, past.0] { try? await channel.close() }
        }
    }

    @Test("connections in all count over HTTPS too: at the limit they are answered, one past it is closed, and its place comes back")
    func connectionsInAll() async throws {
        var limits = ListenerLimits()
        limits.connectionsMax = 2
        try await withHTTPS(limits) { https in
            let node = try https.city.node("health/registry/a")
            let first = try await linger(https, as: node)
            let second = try await linger(https, as: node)
            #expect(first.isAnswered && second.isAnswered)
            let past = try await linger(https, as: node)
            #expect(!past.isAnswered, "one past the limit")
            try await first.0.close()
            #expect(try await eventually { https.registry.connectionCount <= 1 })
            let again = try await linger(https, as: node)
            #expect(again.isAnswered)
            for channel in [second.0, past.0, again.0] { try? await channel.close() }
        }
    }

    @Test("connections of one node count over HTTPS too")
    func connectionsOfANode() async throws {
        var limits = ListenerLimits()
        limits.connectionsPerNodeMax = 1
        try await withHTTPS(limits) { https in
            let first = try await linger(https, as: try https.city.node("health/registry/a"))
            #expect(first.isAnswered)
            let past = try await linger(https, as: try https.city.node("health/registry/a"))
            #expect(!past.isAnswered, "one past the limit")
            let other = try await linger(https, as: try https.city.node("health/registry/b"))
            #expect(other.isAnswered)
            for channel in [first.0, past.0, other.0] { try? await channel.close() }
        }
    }

    @Test("connections of one second: those past the rate wait, and are served in the next second")
    func acceptRate() async throws {
        var limits = ListenerLimits()
        limits.acceptsPerSecondMax = 5
        try await withHTTPS(limits) { https in
            let node = try https.city.node("health/registry/a")
            let began = ContinuousClock.now
            for _ in 0..<20 { #expect(try await https.ask("GET", "/v1/whoami", as: node)?.status == 200) }
            // Twenty at five a second: the last ones cannot have come before the third second was over.
            #expect(ContinuousClock.now - began >= .seconds(2))
        }
    }

    @Test("bodies count as requests do: without room they answer 503, and the room comes back")
    func bodyRoom() async throws {
        var limits = ListenerLimits()
        (limits.frameBytesMax, limits.requestBytesPerConnectionMax) = (1000, 1000)
        (limits.requestBytesPerNodeMax, limits.requestBytesMax) = (1000, 1000)
        try await withHTTPS(limits) { https in
            let node = try https.city.node("health/registry/a")
            let body = #"{"files": {}}"#
            func apply() async throws -> Int? {
                try await https.ask("PUT", "/v1/agreements", as: node, headers: ["Content-Type": "application/json"], body: body)?.status
            }
            #expect(https.registry.requestBytes.take(1000 - body.utf8.count + 1))
            #expect(try await apply() == 503)
            https.registry.requestBytes.giveBack(1)
            #expect(try await apply() == 200)
            #expect(try await apply() == 200)
            #expect(https.registry.requestBytes.bytesTaken == 1000 - body.utf8.count)
        }
    }
}

import AccessPolicy
import Identity
import Sentences
import Testing

@testable import Broker
@testable import Listeners

@Suite("Accounts of nodes")
struct NodeAccountsTests {
    private func node(_ name: String, _ agency: String = "health") throws -> NodeIdentity {
        try NodeIdentity(authority: "city", agency: agency, unit: "ward", node: name)
    }

    @Test("A node has as many connections as its limit, one more is told why, and a closed one makes room")
    func ofNode() throws {
        var limits = ListenerLimits()
        limits.connectionsPerNodeMax = 2
        let accounts = NodeAccounts(limits: limits)
        let first = try accounts.open(try node("a")).get()
        #expect(try accounts.open(try node("a")).get() === first)
        #expect(throws: CloseReason.tooManyConnectionsOfNode(max: 2)) { try accounts.open(try node("a")).get() }
        #expect(try accounts.open(try node("b")).get() !== first)
        accounts.close(first)
        _ = try accounts.open(try node("a")).get()
        #expect(accounts.nodes == 2)
        accounts.close(first)
        accounts.close(first)
        #expect(accounts.nodes == 1)
    }

    private func made(_ values: [(QuotaEntity, QuotaKey, Double)], now: @escaping @Sendable () -> UInt64 = { 0 }) throws -> Quotas {
        let quotas = Quotas(now: now)
        var table = QuotaTable.empty
        for (entity, key, value) in values {
            var limits = table.limits[entity] ?? QuotaLimits()
            try limits.set(key, to: value, of: entity)
            table = table.with(entity, limits)
        }
        quotas.table.replace(with: table)
        return quotas
    }

    @Test("A quota of connections holds for a node and for an agency's nodes together; a larger one does not raise the limit")
    func quotas() throws {
        var limits = ListenerLimits()
        limits.connectionsPerNodeMax = 4
        let quotas = try made([(.node("health/ward/a"), .connections, 1), (.node("health/ward/b"), .connections, 100), (.agency("health"), .connections, 4)])
        let accounts = NodeAccounts(limits: limits, quotas: quotas)
        let first = try accounts.open(try node("a")).get()
        #expect(throws: CloseReason.tooManyConnectionsOfNode(max: 1)) { try accounts.open(try node("a")).get() }
        for _ in 0..<3 { _ = try accounts.open(try node("b")).get() }
        #expect(throws: CloseReason.tooManyConnectionsOfAgency("health", max: 4)) { try accounts.open(try node("b")).get() }
        #expect(throws: CloseReason.tooManyConnectionsOfAgency("health", max: 4)) { try accounts.open(try node("c")).get() }
        for _ in 0..<4 { _ = try accounts.open(try node("x", "traffic")).get() }
        #expect(throws: CloseReason.tooManyConnectionsOfNode(max: 4)) { try accounts.open(try node("x", "traffic")).get() }
        accounts.close(first)
        _ = try accounts.open(try node("b")).get()
        #expect(throws: CloseReason.tooManyConnectionsOfNode(max: 4)) { try accounts.open(try node("b")).get() }
    }

    @Test("Over HTTPS a request past its quota is told 429 and when to come again, in the reader's language")
    func tooManyRequests() async throws {
        let quotas = try made([(.everyNode, .requestRate, 2), (.everyNode, .produceByteRate, 10)])
        try await withHTTPS(quotas: quotas) { https in
            let (one, two) = (try https.city.node("health/registry/a"), try https.city.node("health/registry/b"))
            for status in [200, 200, 200, 429] { #expect(try await https.ask("GET", "/v1/whoami", as: one)?.status == status) }
            let refused = try #require(try await https.ask("GET", "/v1/whoami", as: one, headers: ["Accept-Language": "vi"]))
            #expect(refused.status == 429 && refused.headers["retry-after"] == "1")
            #expect(refused.json["type"] as? String == "urn:hanbridge:problem:quota-passed")
            #expect(refused.json["title"] as? String == Problem.quotaPassed(retryAfterSeconds: 1).title.vietnamese)
            let headers = ["Content-Type": "application/jsonl"]
            #expect(try await https.ask("POST", "/v1/topics/t/records", as: two, headers: headers, body: "0123456789a")?.status == 200)
            #expect(try await https.ask("POST", "/v1/topics/t/records", as: two, headers: headers, body: "a")?.status == 429)
        }
    }
}

import KafkaWire
import Storage
import Testing

@testable import Broker

@Suite("Quotas for people")
struct QuotaAdministrationTests {
    @Test("An operator lists, sets and removes quotas, all or none of one entity, and each change is audited; nobody else may")
    func changes() async throws {
        let fixture = try await AdministrationFixture()
        let root = try fixture.root()
        #expect(fixture.administration.quotas(for: root) == [])
        #expect(fixture.administration.quotas(for: try fixture.steward()) == nil)
        let refused = await fixture.administration.alterQuotas(of: "a/*", ["request_rate": 1], by: try fixture.steward())
        #expect(refused?.errorCode == .clusterAuthorizationFailed)

        #expect(await fixture.administration.alterQuotas(of: "a/*", ["request_rate": 5, "stored_bytes_max": 100], by: root) == nil)
        #expect(await fixture.administration.alterQuotas(of: nil, ["connections_max": 3], by: root) == nil)
        #expect(await fixture.administration.alterQuotas(of: "a/*", ["request_rate": nil], by: root) == nil)
        #expect(
            fixture.administration.quotas(for: root) == [
                QuotaView(entity: nil, values: ["connections_max": 3]), QuotaView(entity: "a/*", values: ["stored_bytes_max": 100]),
            ])
        let half = await fixture.administration.alterQuotas(of: "a/*", ["connections_max": 5, "stored_bytes_max": -1], by: root)
        #expect(half?.errorCode == .invalidRequest)
        #expect(fixture.administration.quotas(for: root)?.last?.values == ["stored_bytes_max": 100])
        for (entity, name, words) in [("a", "request_rate", "agency/*"), ("a/*", "request_percentage", "request_rate"), ("a/*", "x", "stored_bytes_max")] {
            let refusal = await fixture.administration.alterQuotas(of: entity, [name: 1], by: root)
            #expect(refusal?.errorCode == .invalidRequest && refusal?.sentence.contains(words) == true)
        }
        let audited = try fixture.entries().filter { $0.data.action == "quota.alter" }
        #expect(audited.count == 3)
    }

    @Test("Metrics name the first hundred agencies, and the others together")
    func labels() {
        let metrics = QuotaMetrics()
        for number in 0..<QuotaMetrics.agenciesMax { #expect(metrics.label("a\(number)") == "a\(number)") }
        #expect(metrics.label("one-more") == QuotaMetrics.others && metrics.label("a7") == "a7")
    }
}

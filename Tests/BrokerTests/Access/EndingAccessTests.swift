import AccessPolicy
import Foundation
import KafkaWire
import NIOCore
import NIOEmbedded
import Storage
import Testing

@testable import Broker

@Suite("Ending access")
struct EndingAccessTests {
    /// Half of the sessions read by an agreement that ends.
    private static func agreements(schools until: Int64) -> String {
        let end = CivilMoment.text(until)
        return """
            agreements:
              - id: WARDS
                topic: health.*
                owner: health
                parties:
                  - {node: health/ward/*, may: [publish, subscribe]}
              - id: SCHOOLS
                topic: health.records
                owner: health
                parties:
                  - {node: education/schools/*, may: [subscribe]}
                until: \(end)
            """
    }

    private final class Sessions {
        let fixture: BrokerFixture
        let loop = EmbeddedEventLoop()
        var schools: [(connection: TestConnection, fetch: Int)] = []
        var wards: [(connection: TestConnection, fetch: Int)] = []

        init(_ fixture: BrokerFixture, count: Int) throws {
            self.fixture = fixture
            for number in 0..<count / 2 {
                schools.append((try TestConnection(fixture, "education/schools/s\(number)", on: loop), 0))
                wards.append((try TestConnection(fixture, "health/ward/w\(number)", on: loop), 0))
            }
        }

        /// Every session waits for records.
        func wait() {
            let request = FetchRequest(of: fixture.topic(), [Asked(offset: fixture.log().bounds.highWatermark.rawValue)], version: 12, wait: 30_000)
            for place in schools.indices { schools[place].fetch = schools[place].connection.send(request, version: 12) }
            for place in wards.indices { wards[place].fetch = wards[place].connection.send(request, version: 12) }
        }

        static func codes(_ sessions: [(connection: TestConnection, fetch: Int)]) throws -> [ErrorCode] {
            try sessions.filter { $0.connection.isAnswered($0.fetch) }.map {
                try $0.connection.response($0.fetch, to: FetchRequest.self, version: 12).partitions[0].errorCode
            }
        }
    }

    private static let sessions = 1_000

    @Test("at the instant an agreement ends a thousand live sessions are decided again: those it covered are refused, the others wait on")
    func byTheClock() async throws {
        let end: Int64 = 1_795_372_800_000 + 60_000
        let fixture = try BrokerFixture(agreements: Self.agreements(schools: end))
        let sessions = try Sessions(fixture, count: Self.sessions)
        var watch = TermWatch(fixture.services)
        sessions.wait()
        // `until` is inclusive: the millisecond it names is the last one.
        fixture.clock.set(end)
        await watch.tick()
        sessions.loop.run()
        #expect(try Sessions.codes(sessions.schools).isEmpty && Sessions.codes(sessions.wards).isEmpty)
        fixture.clock.set(end + 1)
        await watch.tick()
        sessions.loop.run()
        let refused = Array(repeating: ErrorCode.topicAuthorizationFailed, count: Self.sessions / 2)
        #expect(try Sessions.codes(sessions.schools) == refused)
        #expect(try Sessions.codes(sessions.wards).isEmpty)
        // A record of after the end reaches those who wait, and nobody who asks anew without a right.
        let ward = try TestConnection(fixture, BrokerFixture.ward, on: sessions.loop)
        ward.send(ProduceRequest(batches: [(0, Batches.batch(["later"]))]), version: 9)
        sessions.loop.run()
        #expect(try Sessions.codes(sessions.wards) == Array(repeating: .none, count: Self.sessions / 2))
        sessions.wait()
        #expect(try Sessions.codes(sessions.schools) == refused)
    }

    @Test("a record that comes after the end, before anybody looked at the clock, is not delivered")
    func noTickNeeded() throws {
        let end: Int64 = 1_795_372_800_000 + 60_000
        let fixture = try BrokerFixture(agreements: Self.agreements(schools: end))
        let sessions = try Sessions(fixture, count: 20)
        sessions.wait()
        fixture.clock.set(end + 1)
        let ward = try TestConnection(fixture, BrokerFixture.ward, on: sessions.loop)
        ward.send(ProduceRequest(batches: [(0, Batches.batch(["later"]))]), version: 9)
        sessions.loop.run()
        #expect(try Sessions.codes(sessions.schools) == Array(repeating: .topicAuthorizationFailed, count: 10))
        #expect(try Sessions.codes(sessions.wards) == Array(repeating: .none, count: 10))
    }

    @Test("a policy that takes a right away ends a thousand live sessions, and gives the others what they wait for")
    func byChange() throws {
        let fixture = try BrokerFixture(agreements: Self.agreements(schools: 1_895_372_800_000))
        let sessions = try Sessions(fixture, count: Self.sessions)
        sessions.wait()
        let denial = """
              - id: HOLD
                topic: "*"
                owner: health
                parties:
                  - {node: education/*/*, deny: [subscribe]}
            """
        let text = Self.agreements(schools: 1_895_372_800_000) + "\n" + denial
        fixture.services.install(policy: try BrokerFixture.policy(text, version: 2))
        sessions.loop.run()
        #expect(try Sessions.codes(sessions.schools) == Array(repeating: .topicAuthorizationFailed, count: Self.sessions / 2))
        #expect(try Sessions.codes(sessions.wards).isEmpty)
    }

    @Test("a clock that is set back is noticed: what had ended is decided again")
    func clockBack() async throws {
        let end: Int64 = 1_795_372_800_000 + 60_000
        let fixture = try BrokerFixture(agreements: Self.agreements(schools: end))
        fixture.clock.set(end + 1)
        var watch = TermWatch(fixture.services)
        let sessions = try Sessions(fixture, count: 2)
        sessions.wait()
        #expect(try Sessions.codes(sessions.schools) == [.topicAuthorizationFailed])
        fixture.clock.set(end - 1_000)
        await watch.tick()
        sessions.wait()
        #expect(try Sessions.codes(sessions.schools).isEmpty)
    }

    @Test("What a request of before a change decides is not remembered for those after it")
    func laterDecision() throws {
        let fixture = try BrokerFixture(agreements: Self.agreements(schools: 2_000_000_000_000))
        let school = try BrokerFixture.peer("education/schools/s1")
        var access = TopicAccess()
        func mayRead(_ moment: RequestMoment) -> Bool {
            if case .reading = access.topic(named: BrokerFixture.topic, for: .read(.none), by: school, at: moment, audit: fixture.audit) { return true }
            return false
        }
        let before = RequestMoment(of: fixture.services)
        access.refresh(at: before)
        let wards = Self.agreements(schools: 2_000_000_000_000).replacingOccurrences(of: "education/schools/*", with: "education/schools/other")
        fixture.services.install(policy: try BrokerFixture.policy(wards, version: 2))
        let after = RequestMoment(of: fixture.services)
        access.refresh(at: after)
        // Its read took until after the change.
        #expect(mayRead(before))
        #expect(access.count == 0 && !mayRead(after) && access.count == 1)
    }
}

/// A moment as agreements write it.
private enum CivilMoment {
    static func text(_ milliseconds: Int64) -> String {
        // Around the fixture's clock, 2026-11-22T18:40:00Z, and far beyond.
        let seconds = (milliseconds - 1_795_372_800_000) / 1_000
        guard seconds < 1_200 else { return "2030-01-24T00:00:00Z" }
        let minutes = 40 + seconds / 60
        return "2026-11-22T18:\(minutes):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60).000Z"
    }
}

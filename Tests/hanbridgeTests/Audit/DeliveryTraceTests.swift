import Broker
import Foundation
import Testing

@testable import hanbridge

@Suite("Tracing deliveries")
struct DeliveryTraceTests {
    private func event(_ kind: String, _ data: String) throws -> DeliveryEvent {
        let text = """
            {"specversion":"1.0","id":"r/1","source":"/hanbridge/x","type":"hanbridge.delivery.\(kind)","time":"2026-01-01T00:00:00.000Z",\
            "subject":"ledger","datacontenttype":"application/json","data":{"run":"r"\(data.isEmpty ? "" : "," + data)}}
            """
        return try JSONDecoder().decode(DeliveryEvent.self, from: Data(text.utf8))
    }

    private func item(_ offsets: String, topic: String = "t", window: String? = nil) -> String {
        let window = window.map { #","window":"\#($0)""# } ?? ""
        return #"{"topic":"\#(topic)","topicId":"AAAAAAAAAAAAAAAAAAAAAA","partition":0,"offsets":"\#(offsets)","records":1,"action":"subscribe","citation":"agreement:A#0","policyVersion":1\#(window)}"#
    }

    private func delivered(_ offsets: String, to node: String, session: String = "s", closes: String = "") throws -> DeliveryEvent {
        try event("delivered", #""session":"\#(session)","node":"\#(node)","deliveries":[\#(item(offsets))]\#(closes)"#)
    }

    private func reserved(_ offsets: String, to node: String, session: String = "s", _ window: String) throws -> DeliveryEvent {
        try event("reserved", #""session":"\#(session)","node":"\#(node)","deliveries":[\#(item(offsets, window: window))]"#)
    }

    private func trace(_ wanted: DeliveryTrace.Wanted, max: Int = 10, _ events: [DeliveryEvent]) -> DeliveryTrace {
        var trace = DeliveryTrace(wanted, findingsMax: max)
        for event in events { trace.note(event) }
        return trace
    }

    private let record = DeliveryTrace.Wanted.record(topic: "t", partition: 0, offset: 5)

    @Test("who received a record: those whose runs hold its offset, and nobody else")
    func ofRecord() throws {
        let found = trace(record, [try delivered("0-4,6", to: "a/b/c"), try delivered("3-5", to: "d/e/f"), try delivered("5", to: "g/h/i")])
        #expect(found.findings.map(\.event.data.node) == ["d/e/f", "g/h/i"])
    }

    @Test("what a node received, whatever it is, up to so many")
    func ofNode() throws {
        let found = trace(.node("a/b/c"), max: 2, [try delivered("0", to: "a/b/c"), try delivered("1", to: "x/y/z"), try delivered("2", to: "a/b/c"), try delivered("3", to: "a/b/c")])
        #expect(found.findings.map(\.item.offsets) == ["0", "2"] && found.findingsLeftOut == 1)
    }

    @Test("a reservation is told while it is open and nothing was handed over by it")
    func reservations() throws {
        let open = try reserved("0-9", to: "a/b/c", "w1")
        #expect(trace(record, [open]).findings.map(\.certainty) == [.reserved])
        #expect(trace(record, [open, try delivered("5", to: "a/b/c")]).findings.map(\.certainty) == [.delivered])
        #expect(trace(record, [open, try delivered("1", to: "a/b/c", closes: #","closes":["w1"]"#)]).findings.isEmpty)
        #expect(trace(record, [open, try event("stopped", "")]).findings.isEmpty)
    }

    @Test("after a start only what is possible is left of the run before, and the gap is told")
    func restart() throws {
        let possible = try event("possible", #""session":"s","node":"a/b/c","deliveries":[\#(item("4-9", window: "w1"))]"#)
        let started = try event("started", #""possiblyMissing":{"from":"x","to":"y"}"#)
        let found = trace(record, [try reserved("0-9", to: "a/b/c", "w1"), possible, started])
        #expect(found.findings.map(\.certainty) == [.possible] && found.gaps.map(\.from) == ["x"])
    }
}

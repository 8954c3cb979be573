import Foundation
import Listeners
import Logging
import Sentences
import Testing

@testable import hanbridge

@Suite("Output")
struct ReportTests {
    @Test("a table lines its columns up by characters, numbers on the right")
    func table() {
        var report = Report(columns: [.init("name", Sentence(vi: "TÊN", en: "NAME")), .init("lag", Sentence(vi: "CÒN", en: "LAG"))])
        report.add(["hải châu", 7])
        report.add(["sơn", .null])
        #expect(report.table(in: .english) == "NAME      LAG\nhải châu    7\nsơn         –\n")
    }

    @Test("people read yes and no in their language and whole numbers without a point")
    func cells() {
        var report = Report(columns: [.init("isSo", Sentence(vi: "ĐÚNG", en: "SO")), .init("value", Sentence(vi: "GIÁ TRỊ", en: "VALUE"))])
        report.add([true, .number(50_000_000)])
        report.add([false, .number(0.125)])
        #expect(report.table(in: .english) == "SO      VALUE\nyes  50000000\nno       0.13\n")
        #expect(report.table(in: .vietnamese) == "ĐÚNG    GIÁ TRỊ\ncó     50000000\nkhông      0.13\n")
    }

    @Test("JSON text escapes what RFC 8259 asks for and nothing else")
    func quoting() {
        #expect(JSONText.quoted("Đà Nẵng \"x\"\\\n\u{1}/") == "\"Đà Nẵng \\\"x\\\"\\\\\\n\\u0001/\"")
        #expect(JSONText.object([("b", 1), ("a", .array([true, .null]))]).description == "{\"b\":1,\"a\":[true,null]}")
    }

    @Test("a log line of text cannot be forged by a line break, and one of JSON is one object")
    func logLines() {
        let text = LineLogHandler.line(.text, at: .init(timeIntervalSince1970: 0), level: .info, label: "l", message: "a\nb", fields: [("k", "v\r\nw")])
        #expect(text == "1970-01-01T00:00:00.000Z INFO l: a b k=v  w")
        let json = LineLogHandler.line(.json, at: .init(timeIntervalSince1970: 0), level: .error, label: "l", message: "a\nb", fields: [("message", "forged"), ("k", "v")])
        #expect(json == "{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"error\",\"label\":\"l\",\"message\":\"a\\nb\",\"k\":\"v\"}")
    }

    @Test("metrics are read as Prometheus writes them")
    func metrics() {
        let page = "# HELP x y\n# TYPE x gauge\nx{a=\"b c\",d=\"e\"} 0.5\ny 3\nbroken\n"
        #expect(
            MetricSample.parse(page) == [
                MetricSample(name: "x", labels: ["a": "b c", "d": "e"], value: 0.5), MetricSample(name: "y", labels: [:], value: 3),
            ])
    }

    @Test("the doctor names a quarantine that is classified lower than its topic, and no other")
    func quarantines() {
        func document(_ name: String, _ configuration: [String: String]) -> TopicDocument {
            TopicDocument(name: name, id: "00", partitions: [], configuration: configuration, createdAt: 0, createdBy: "User:a/b/c")
        }
        func findings(_ topic: String?, _ quarantine: String?) -> [Diagnosis.Level] {
            var (own, kept) = (["hanbridge.quarantine": "q"], [String: String]())
            own["hanbridge.classification"] = topic
            kept["hanbridge.classification"] = quarantine
            var diagnosis = Diagnosis()
            diagnosis.readQuarantines([document("t", own), document("q", kept), document("u", ["hanbridge.classification": "sensitive"])])
            return diagnosis.findings.map(\.level)
        }
        let words = ["open", nil, "personal", "sensitive"]
        for (high, topic) in words.enumerated() {
            for (low, quarantine) in words.enumerated() { #expect(findings(topic, quarantine) == (low < high ? [.attention] : [])) }
        }
        // One that this reader may not see is not judged.
        var diagnosis = Diagnosis()
        diagnosis.readQuarantines([document("t", ["hanbridge.quarantine": "q", "hanbridge.classification": "sensitive"])])
        #expect(diagnosis.findings.isEmpty)
    }

    @Test("the doctor tells well, attention and wrong apart at their limits")
    func diagnosis() {
        func levels(_ page: String) -> [Diagnosis.Level] {
            var diagnosis = Diagnosis()
            diagnosis.read(metrics: page)
            return diagnosis.findings.map(\.level)
        }
        #expect(levels("hanbridge_certificate_days_left 14") == [.well])
        #expect(levels("hanbridge_certificate_days_left 13.9") == [.attention])
        #expect(levels("hanbridge_certificate_days_left 0") == [.wrong])
        #expect(levels("hanbridge_revocation_list_life_used{authority=\"a\"} 0.49") == [.well])
        #expect(levels("hanbridge_revocation_list_life_used{authority=\"a\"} 0.5") == [.attention])
        #expect(levels("hanbridge_revocation_list_life_used{authority=\"a\"} 1") == [.wrong])
        #expect(levels("hanbridge_disk_free_bytes 15\nhanbridge_disk_total_bytes 100") == [.well])
        #expect(levels("hanbridge_disk_free_bytes 14\nhanbridge_disk_total_bytes 100") == [.attention])
        #expect(levels("hanbridge_witness_reachable{witness=\"w\"} 1") == [.well])
        #expect(levels("hanbridge_witness_reachable{witness=\"w\"} 0") == [.attention])
        #expect(levels("hanbridge_logs_unconfirmed 0") == [])
        #expect(levels("hanbridge_emergencies_open 0") == [])
        #expect(levels("hanbridge_emergencies_open 1") == [.attention])
        #expect(levels("hanbridge_logs_unconfirmed 1") == [.attention])
        #expect(levels("hanbridge_witness_forks{peer=\"p\"} 0") == [])
        #expect(levels("hanbridge_witness_forks{peer=\"p\"} 1") == [.wrong])
        #expect(levels("hanbridge_pruning_waiting{witness=\"w\"} 0") == [] && levels("hanbridge_pruning_waiting{witness=\"w\"} 2") == [.attention])
        #expect(levels("hanbridge_journal_contradicted 0") == [] && levels("hanbridge_journal_contradicted 1") == [.wrong])
        #expect(levels("hanbridge_disk_free_bytes 50\nhanbridge_disk_total_bytes 100\nhanbridge_disk_full 1") == [.wrong])
    }
}

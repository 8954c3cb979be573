import CoreMetrics
import Testing

@testable import Listeners

@Suite struct MetricsRegistryTests {
    @Test("a page has types, escaped labels, whole numbers without a point, and histograms that add up")
    func exposition() async {
        let registry = MetricsRegistry(seriesPerNameMax: 10)
        Counter(label: "hanbridge_a_total", dimensions: [("why", "a\"b\\c\nd")], factory: registry).increment(by: 3)
        Gauge(label: "hanbridge_b", factory: registry).record(1.5)
        let timer = Timer(label: "hanbridge_c_seconds", factory: registry)
        timer.recordNanoseconds(50_000)
        timer.recordNanoseconds(3_000_000)
        timer.recordNanoseconds(60_000_000_000)
        registry.collect { $0.gauge("hanbridge_d", 7, labels: [("z", "2"), ("y", "1")], help: "days") }

        let lines = await registry.exposition().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines.contains("# TYPE hanbridge_a_total counter"))
        #expect(lines.contains(#"hanbridge_a_total{why="a\"b\\c\nd"} 3"#))
        #expect(lines.contains("hanbridge_b 1.5"))
        #expect(lines.contains("# TYPE hanbridge_c_seconds histogram"))
        #expect(lines.contains(#"hanbridge_c_seconds_bucket{le="0.0001"} 1"#))
        #expect(lines.contains(#"hanbridge_c_seconds_bucket{le="0.0025"} 1"#))
        #expect(lines.contains(#"hanbridge_c_seconds_bucket{le="0.005"} 2"#))
        #expect(lines.contains(#"hanbridge_c_seconds_bucket{le="30"} 2"#))
        #expect(lines.contains(#"hanbridge_c_seconds_bucket{le="+Inf"} 3"#))
        #expect(lines.contains("hanbridge_c_seconds_count 3"))
        #expect(lines.contains("# HELP hanbridge_d days"))
        #expect(lines.contains(#"hanbridge_d{y="1",z="2"} 7"#))
        #expect(lines.last == "")
        // A family's lines follow its type without another family between them.
        let types = lines.filter { $0.hasPrefix("# TYPE") }
        #expect(types.count == Set(types).count)
    }

    @Test("series of one name at the limit are kept; all beyond share one")
    func bounded() async {
        let registry = MetricsRegistry(seriesPerNameMax: 3)
        for index in 0..<10 {
            Counter(label: "hanbridge_many_total", dimensions: [("node", "\(index)")], factory: registry).increment()
        }
        let page = await registry.exposition()
        #expect(page.contains(#"hanbridge_many_total{node="2"} 1"#))
        #expect(!page.contains(#"node="3""#))
        #expect(page.contains(#"hanbridge_many_total{overflow="true"} 7"#))
    }

    @Test("the same name and labels are one series, whoever makes the handle")
    func shared() async {
        let registry = MetricsRegistry()
        Counter(label: "hanbridge_x_total", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "hanbridge_x_total", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
        #expect(await registry.exposition().contains(#"hanbridge_x_total{a="1",b="2"} 2"#))
    }

    @Test("a name used for two kinds shows the first and does not stop the program")
    func conflict() async {
        let registry = MetricsRegistry()
        Counter(label: "hanbridge_y", factory: registry).increment()
        Gauge(label: "hanbridge_y", factory: registry).record(5)
        #expect(await registry.exposition() == "# TYPE hanbridge_y counter\nhanbridge_y 1\n")
    }

    @Test("characters that Prometheus does not take in names become underscores")
    func names() {
        #expect(MetricsPage.metricName("9a-b.c:d") == "_a_b_c:d")
        #expect(MetricsPage.labelName("a:b") == "a_b")
        #expect(MetricsPage.number(.infinity) == "+Inf")
        #expect(MetricsPage.number(.nan) == "NaN")
    }
}

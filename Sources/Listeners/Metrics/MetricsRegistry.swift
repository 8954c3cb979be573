public import CoreMetrics
import NIOConcurrencyHelpers

/// The broker's metrics: the factory behind swift-metrics' handles, and the page that Prometheus reads.
///
/// A handle is looked up once, when it is made, under a lock; recording is an atomic addition. Each metric name keeps at most
/// `seriesPerNameMax` series: labels beyond are counted together under `overflow="true"`, so that no client can grow our memory
/// by what it puts into a label.
public final class MetricsRegistry: MetricsFactory {
    /// Adds to the page what is asked for at each scrape.
    public typealias Collector = @Sendable (inout MetricsPage) async -> Void

    private struct State {
        var families: [String: MetricFamily] = [:]
        var collectors: [Collector] = []
    }

    private let seriesPerNameMax: Int
    private let state = NIOLockedValueBox(State())

    public init(seriesPerNameMax: Int = ListenerLimits().metricSeriesPerNameMax) {
        self.seriesPerNameMax = seriesPerNameMax
    }

    /// Something to ask at each scrape: sizes, lags, days left. One at a time, in the order of these calls.
    public func collect(_ collector: @escaping Collector) {
        state.withLockedValue { $0.collectors.append(collector) }
    }

    /// Everything in Prometheus' text exposition format 0.0.4.
    public func exposition() async -> String {
        let (families, collectors) = state.withLockedValue { (Array($0.families.values), $0.collectors) }
        var page = MetricsPage(seriesPerNameMax: seriesPerNameMax)
        for family in families { family.write(to: &page) }
        for collector in collectors { await collector(&page) }
        return page.text()
    }

    private func series<Series: MetricSeries>(
        _ name: String, _ dimensions: [(String, String)], _ kind: MetricFamily.Kind, make: () -> Series
    ) -> Series {
        let name = MetricsPage.metricName(name)
        return state.withLockedValue { state in
            var family = state.families[name] ?? MetricFamily(name: name, kind: kind)
            // A name that is used for two kinds is a bug of ours, but no reason to stop: the second one is not shown.
            guard family.kind == kind else { return make() }
            let series = family.series(MetricLabels(dimensions), max: seriesPerNameMax, make: make)
            state.families[name] = family
            return series as? Series ?? make()
        }
    }

    // MARK: MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter) { CounterSeries() }
    }

    public func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        series(label, dimensions, .floatingPointCounter) { FloatingPointSeries() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge) { FloatingPointSeries() }
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return series(label, dimensions, .gauge) { FloatingPointSeries() } }
        return series(label, dimensions, .histogram) { HistogramSeries(bounds: .sizes) }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .histogram) { HistogramSeries(bounds: .seconds) }
    }

    // Handles of ours live as long as the program: a series that vanished and came back would look like a restart to Prometheus.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}
}

/// The labels of one series, in a fixed order.
struct MetricLabels: Hashable {
    let pairs: [Pair]

    struct Pair: Hashable {
        let name: String
        let value: String
    }

    static let overflow = MetricLabels([("overflow", "true")])

    init(_ dimensions: [(String, String)]) {
        pairs = dimensions.map { Pair(name: MetricsPage.labelName($0.0), value: $0.1) }.sorted { $0.name < $1.name }
    }
}

/// All series of one name.
struct MetricFamily {
    enum Kind: Equatable {
        case counter, floatingPointCounter, gauge, histogram

        var word: String {
            switch self {
            case .counter, .floatingPointCounter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    let name: String
    let kind: Kind
    private var seriesByLabels: [MetricLabels: any MetricSeries] = [:]

    init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }

    mutating func series(_ labels: MetricLabels, max: Int, make: () -> any MetricSeries) -> any MetricSeries {
        if let series = seriesByLabels[labels] { return series }
        let labels = seriesByLabels.count < max ? labels : .overflow
        if let series = seriesByLabels[labels] { return series }
        let series = make()
        seriesByLabels[labels] = series
        return series
    }

    func write(to page: inout MetricsPage) {
        for (labels, series) in seriesByLabels { series.write(to: &page, name: name, kind: kind, labels: labels) }
    }
}

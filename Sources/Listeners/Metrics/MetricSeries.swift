import Atomics
import CoreMetrics

/// One line, or one histogram, of the metrics page.
protocol MetricSeries: AnyObject, Sendable {
    func write(to page: inout MetricsPage, name: String, kind: MetricFamily.Kind, labels: MetricLabels)
}

/// Whole numbers that rise.
final class CounterSeries: MetricSeries, CounterHandler {
    private let value = ManagedAtomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingIncrement(by: amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }

    func write(to page: inout MetricsPage, name: String, kind: MetricFamily.Kind, labels: MetricLabels) {
        page.add(name, kind: kind, labels: labels, value: Double(value.load(ordering: .relaxed)))
    }
}

/// A number that is set, or that rises by fractions: gauges, meters, floating-point counters.
final class FloatingPointSeries: MetricSeries, FloatingPointCounterHandler, MeterHandler, RecorderHandler {
    private let value = AtomicDouble()

    func increment(by amount: Double) { value.add(amount) }
    func decrement(by amount: Double) { value.add(-amount) }
    func set(_ number: Int64) { value.set(Double(number)) }
    func set(_ number: Double) { value.set(number) }
    func record(_ number: Int64) { value.set(Double(number)) }
    func record(_ number: Double) { value.set(number) }
    func reset() { value.set(0) }

    func write(to page: inout MetricsPage, name: String, kind: MetricFamily.Kind, labels: MetricLabels) {
        page.add(name, kind: kind, labels: labels, value: value.get())
    }
}

/// Counts by size, with bounds that are fixed for ever, so that histograms of several brokers can be added up.
final class HistogramSeries: MetricSeries, TimerHandler, RecorderHandler {
    struct Bounds: Sendable {
        /// Upper bounds, rising, without infinity.
        let values: [Double]

        /// From 100 µs, below the cost of one fdatasync, to half a minute, the longest time-out.
        static let seconds = Bounds(values: [
            0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
        ])
        /// Counts and bytes, by fours.
        static let sizes = Bounds(values: (0...13).map { Double(1 << (2 * $0)) })
    }

    private let bounds: Bounds
    /// One more than bounds: the last counts what is above all of them.
    private let counts: [ManagedAtomic<UInt64>]
    private let sum = AtomicDouble()

    init(bounds: Bounds) {
        self.bounds = bounds
        counts = (0...bounds.values.count).map { _ in ManagedAtomic(0) }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ number: Int64) { record(Double(number)) }

    func record(_ number: Double) {
        var index = 0
        while index < bounds.values.count, number > bounds.values[index] { index += 1 }
        counts[index].wrappingIncrement(ordering: .relaxed)
        sum.add(number)
    }

    func write(to page: inout MetricsPage, name: String, kind: MetricFamily.Kind, labels: MetricLabels) {
        page.add(
            histogram: name, labels: labels, bounds: bounds.values, counts: counts.map { $0.load(ordering: .relaxed) },
            sum: sum.get())
    }
}

/// A Double under an atomic word.
final class AtomicDouble: Sendable {
    private let bits = ManagedAtomic<UInt64>(0)

    func get() -> Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var before = bits.load(ordering: .relaxed)
        while true {
            let after = (Double(bitPattern: before) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(expected: before, desired: after, ordering: .relaxed)
            if exchanged { return }
            before = original
        }
    }
}

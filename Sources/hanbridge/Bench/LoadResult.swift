import Histogram
import NIOCore

/// What one connection of the load generator measured; added up over all.
struct LoadResult: Sendable {
    /// Nanoseconds up to a minute, to three digits.
    var latency = Histogram<UInt64>(highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
    var requests = 0
    var records = 0
    var bytes = 0

    mutating func answered(after duration: TimeAmount, records: Int, bytes: Int) {
        latency.record(UInt64(clamping: min(60_000_000_000, max(1, duration.nanoseconds))))
        requests += 1
        self.records += records
        self.bytes += bytes
    }

    mutating func add(_ other: LoadResult) {
        latency.add(other.latency)
        requests += other.requests
        records += other.records
        bytes += other.bytes
    }
}

/// A run of a load with what the broker's process used meanwhile.
struct Measurement: Sendable {
    let result: LoadResult
    let seconds: Double
    let brokerCPUSeconds: Double?
    let after: ProcessUsage.Reading?

    /// Runs a load on every connection and adds up.
    static func take(
        _ process: ProcessUsage?, connections: [KafkaConnection],
        _ load: @escaping @Sendable (Int, KafkaClientHandler, EventLoopPromise<LoadResult>) -> Void
    ) async throws(ClientError) -> Measurement {
        let before = process?.read()
        let start = ContinuousClock.now
        let running = connections.enumerated().map { index, connection in
            let promise = connection.eventLoop.makePromise(of: LoadResult.self)
            connection.withHandler { load(index, $0, promise) }
            return promise.futureResult
        }
        var total = LoadResult()
        for future in running {
            do {
                total.add(try await future.get())
            } catch let error as ClientError {
                throw error
            } catch {
                throw .malformed("\(error)")
            }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let after = process?.read()
        let cpu = after.flatMap { after in before.map { after.cpuSeconds - $0.cpuSeconds } }
        return Measurement(result: total, seconds: seconds, brokerCPUSeconds: cpu, after: after)
    }
}

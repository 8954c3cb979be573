import Logging
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import Listeners

@Suite struct RefusalLogTests {
    /// Keeps what is logged.
    private struct Lines: LogHandler {
        let kept: NIOLockedValueBox<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { kept.withLockedValue { $0.append("\(event.message)") } }
    }

    @Test("refusals of one second: the last one allowed has its line, those past it are counted in one line of the next second")
    func rate() {
        let kept = NIOLockedValueBox<[String]>([])
        let log = RefusalLog(logger: Logger(label: "test") { _ in Lines(kept: kept) }, linesPerSecondMax: 3)
        func refuse(second: Int64) {
            log.record(.idle, listener: "kafka", remoteAddress: "192.0.2.1:1", node: nil, now: .uptimeNanoseconds(UInt64(second) * 1_000_000_000))
        }
        for _ in 0..<3 { refuse(second: 1) }
        #expect(kept.withLockedValue { $0.count } == 3)
        for _ in 0..<4 { refuse(second: 1) }
        #expect(kept.withLockedValue { $0.count } == 3)
        refuse(second: 2)
        let lines = kept.withLockedValue { $0 }
        #expect(lines.count == 5)
        #expect(lines[3] == "refusals not written to the log in the last second: 4")
    }
}

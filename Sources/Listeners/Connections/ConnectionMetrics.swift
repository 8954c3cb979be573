import CoreMetrics
import NIOConcurrencyHelpers

/// Counts of the listeners. Handles are made once and kept; labels are closed sets of words.
final class ConnectionMetrics: Sendable {
    let receivedBytes = Counter(label: "hanbridge_kafka_received_bytes_total")
    let sentBytes = Counter(label: "hanbridge_kafka_sent_bytes_total")
    let requests = Counter(label: "hanbridge_kafka_requests_total")
    let pauses = Counter(label: "hanbridge_kafka_read_pauses_total")
    let handshakes = Timer(label: "hanbridge_handshake_seconds")
    let resumedHandshakes = Counter(label: "hanbridge_handshakes_resumed_total")
    private let accepted = NIOLockedValueBox<[String: Counter]>([:])
    private let closed = NIOLockedValueBox<[String: Counter]>([:])

    func connectionAccepted(_ listener: String) {
        accepted.withLockedValue { counters in
            if let counter = counters[listener] { return counter.increment() }
            let counter = Counter(label: "hanbridge_connections_accepted_total", dimensions: [("listener", listener)])
            counters[listener] = counter
            counter.increment()
        }
    }

    func connectionClosed(_ listener: String, _ reason: CloseReason) {
        closed.withLockedValue { counters in
            let key = "\(listener) \(reason.label)"
            if let counter = counters[key] { return counter.increment() }
            let counter = Counter(
                label: "hanbridge_connections_closed_total", dimensions: [("listener", listener), ("reason", reason.label)])
            counters[key] = counter
            counter.increment()
        }
    }
}

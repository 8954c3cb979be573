import Broker

/// Looks through the delivery ledger, entry by entry in its order, for one record or one node.
struct DeliveryTrace {
    enum Wanted {
        case record(topic: String, partition: Int32, offset: Int64)
        case node(String)
    }

    enum Certainty: String {
        /// It was handed to the connection.
        case delivered
        /// It was reserved when the broker was cut off, and nothing says that it was not sent.
        case possible
        /// It may be sent at this moment, and nothing says yet that it was.
        case reserved
    }

    struct Finding {
        let certainty: Certainty
        let event: DeliveryEvent
        let item: DeliveryEvent.Item
    }

    private let wanted: Wanted
    private let findingsMax: Int
    private var told: [Finding] = []
    /// Reservations that nothing closed, by name.
    private var open: [String: Finding] = [:]
    private(set) var findingsLeftOut = 0
    /// When deliveries may have gone untold.
    private(set) var gaps: [DeliveryEvent.Interval] = []
    var unreadable = 0

    init(_ wanted: Wanted, findingsMax: Int) {
        self.wanted = wanted
        self.findingsMax = findingsMax
    }

    /// In the order of the ledger; what is still reserved comes last.
    var findings: [Finding] { told + open.sorted { $0.key < $1.key }.map(\.value).filter { !isTold($0) } }

    mutating func note(_ event: DeliveryEvent) {
        for window in event.data.closes ?? [] { open[window] = nil }
        switch event.kind {
        case .delivered: for item in event.data.deliveries ?? [] where isWanted(item, of: event) { add(.init(certainty: .delivered, event: event, item: item)) }
        case .possible:
            for item in event.data.deliveries ?? [] where isWanted(item, of: event) { add(.init(certainty: .possible, event: event, item: item)) }
        case .reserved:
            for item in event.data.deliveries ?? [] where isWanted(item, of: event) {
                if let window = item.window { open[window] = Finding(certainty: .reserved, event: event, item: item) }
            }
        case .started:
            // Of the runs before, those that are possible have been told.
            open = [:]
            if let gap = event.data.possiblyMissing { gaps.append(gap) }
        case .stopped: open = [:]
        case nil: unreadable += 1
        }
    }

    private mutating func add(_ finding: Finding) {
        if told.count < findingsMax { told.append(finding) } else { findingsLeftOut += 1 }
    }

    private func isWanted(_ item: DeliveryEvent.Item, of event: DeliveryEvent) -> Bool {
        switch wanted {
        case .record(let topic, let partition, let offset):
            item.topic == topic && item.partition == partition && item.ranges.contains { $0.contains(offset) }
        case .node(let node): event.data.node == node
        }
    }

    /// The record was handed to the same session by then: that is the better word.
    private func isTold(_ reserved: Finding) -> Bool {
        guard case .record = wanted else { return false }
        return told.contains { $0.certainty == .delivered && $0.event.data.session == reserved.event.data.session }
    }
}

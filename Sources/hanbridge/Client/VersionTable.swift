import KafkaWire

/// Which version of each API to speak with one broker: the newest that both know. Pure.
struct VersionTable: Equatable, Sendable {
    private var ranges: [Int16: ClosedRange<Int16>]

    /// Before the broker has said anything.
    static let unknown = VersionTable(ranges: [:])

    init(_ response: ApiVersionsResponse) {
        ranges = Dictionary(
            response.apiKeys.filter { $0.minVersion <= $0.maxVersion }.map { ($0.apiKey, $0.minVersion...$0.maxVersion) },
            uniquingKeysWith: { first, _ in first })
    }

    private init(ranges: [Int16: ClosedRange<Int16>]) { self.ranges = ranges }

    /// - Returns: nil when there is none in common.
    func version<Request: KafkaRequest>(for _: Request.Type) -> Int16? {
        let ours = Self.spoken(Request.self)
        guard let theirs = ranges[Request.apiKey.rawValue], theirs.overlaps(ours) else { return nil }
        return min(ours.upperBound, theirs.upperBound)
    }

    /// What this client speaks. The caps keep to the versions whose shape the client is written for: topics by name in
    /// Fetch (ids from 13 on, KIP-516), one group at a time (KIP-709, KIP-699).
    static func spoken<Request: KafkaRequest>(_: Request.Type) -> ClosedRange<Int16> {
        let known = Request.versions
        let cap: Int16 =
            switch Request.apiKey {
            case .fetch: 12
            case .offsetFetch: 7
            case .findCoordinator: 3
            case .produce: 9
            case .joinGroup: 7
            default: known.upperBound
            }
        return known.lowerBound...min(cap, known.upperBound)
    }
}

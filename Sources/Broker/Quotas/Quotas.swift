public import AccessPolicy
import NIOConcurrencyHelpers
import NIOCore

/// Quotas as the data plane meets them: what is in force, and what each node and each agency has used.
///
/// A node is held to its own quota and, with the other nodes of its agency, to the agency's; whichever is passed by more decides how long it
/// waits. Where there is no quota at all, counting costs one look at a snapshot.
public final class Quotas: Sendable {
    /// Written by the administration of quotas alone.
    let table = SnapshotBox(QuotaTable.empty)
    private let meters = NIOLockedValueBox<[QuotaEntity: QuotaMeter]>([:])
    private let metrics = QuotaMetrics()
    let storedBytes: StoredBytes
    /// Nanoseconds that never step back.
    private let now: @Sendable () -> UInt64

    /// Meters that are kept. One that is forgotten begins anew, with a second's worth.
    static let metersMax = 20_000
    /// No answer asks for a longer pause; what is owed beyond it is owed still.
    static let pauseNanosecondsMax: UInt64 = 30_000_000_000

    public convenience init() { self.init { NIODeadline.now().uptimeNanoseconds } }

    init(now: @escaping @Sendable () -> UInt64) {
        self.now = now
        storedBytes = StoredBytes(metrics)
    }

    /// Counts what a node has done.
    /// - Returns: how long the node is to pause for it, in nanoseconds.
    func count(_ amount: Int, of key: QuotaKey, by node: NodeIdentity) -> UInt64 {
        let table = table.value
        guard !table.isEmpty, amount > 0 else { return 0 }
        let now = now()
        var pause: UInt64 = 0
        for (entity, rate) in rates(of: key, node, table) {
            let meter = meter(of: entity)
            meter.count(Double(amount), of: key, rate: rate, at: now)
            pause = max(pause, meter.debt(of: key, rate: rate, at: now))
        }
        guard pause > 0 else { return 0 }
        pause = min(pause, Self.pauseNanosecondsMax)
        metrics.throttled(node.agency, key, nanoseconds: pause)
        return pause
    }

    /// How long a node is to wait before it does more of this, in nanoseconds.
    func debt(of key: QuotaKey, by node: NodeIdentity) -> UInt64 {
        let table = table.value
        guard !table.isEmpty else { return 0 }
        let now = now()
        var pause: UInt64 = 0
        for (entity, rate) in rates(of: key, node, table) { pause = max(pause, meter(of: entity).debt(of: key, rate: rate, at: now)) }
        return min(pause, Self.pauseNanosecondsMax)
    }

    // MARK: HTTPS

    /// What a request over HTTPS does.
    public enum Use: Hashable, Sendable {
        case publishing
        case reading
        case other

        fileprivate var byteRate: QuotaKey? {
            switch self {
            case .publishing: .produceByteRate
            case .reading: .fetchByteRate
            case .other: nil
            }
        }
    }

    /// Counts a request that may begin.
    /// - Returns: how many seconds to wait before it is asked again, where it may not; nil where it may.
    public func begin(_ use: Use, by node: NodeIdentity) -> Int? {
        let owed = max(debt(of: .requestRate, by: node), use.byteRate.map { debt(of: $0, by: node) } ?? 0)
        guard owed == 0 else {
            metrics.refused(node.agency, use.byteRate.map { debt(of: $0, by: node) == owed ? $0 : .requestRate } ?? .requestRate)
            return Int((owed + 999_999_999) / 1_000_000_000)
        }
        _ = count(1, of: .requestRate, by: node)
        return nil
    }

    public func done(_ bytes: Int, of use: Use, by node: NodeIdentity) {
        if let key = use.byteRate { _ = count(bytes, of: key, by: node) }
    }

    // MARK: Connections

    /// How many connections a node may have at the same time, and the nodes of its agency together; nil where no quota says.
    public func connectionsMax(of node: NodeIdentity) -> (node: Int?, agency: Int?) {
        let table = table.value
        return (
            table.limit(.connections, ofNode: node.path).map { Int($0) }, table.limit(.connections, ofAgency: node.agency).map { Int($0) }
        )
    }

    /// A connection that a quota does not allow was closed.
    public func refusedConnection(of node: NodeIdentity) { metrics.refused(node.agency, .connections) }

    private func rates(of key: QuotaKey, _ node: NodeIdentity, _ table: QuotaTable) -> [(entity: QuotaEntity, rate: Double)] {
        var rates: [(entity: QuotaEntity, rate: Double)] = []
        if let rate = table.limit(key, ofNode: node.path) { rates.append((.node(node.path), rate)) }
        if let rate = table.limit(key, ofAgency: node.agency) { rates.append((.agency(node.agency), rate)) }
        return rates
    }

    private func meter(of entity: QuotaEntity) -> QuotaMeter {
        meters.withLockedValue { meters in
            if let meter = meters[entity] { return meter }
            // Nodes are as many as certificates were issued; at the limit any of them begins anew.
            if meters.count >= Self.metersMax, let some = meters.keys.first { meters[some] = nil }
            let meter = QuotaMeter()
            meters[entity] = meter
            return meter
        }
    }
}

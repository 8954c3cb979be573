/// What quotas can bound, by the names that Kafka's tools have for it where they have one.
enum QuotaKey: String, CaseIterable, Hashable, Sendable {
    /// Bytes of produce requests, and of bodies of records over HTTPS, a second.
    case produceByteRate = "producer_byte_rate"
    /// Bytes of records read, a second.
    case fetchByteRate = "consumer_byte_rate"
    /// Requests of any kind a second. Kafka bounds a share of its threads' time (`request_percentage`); here requests are counted.
    case requestRate = "request_rate"
    /// Connections at the same time.
    case connections = "connections_max"
    /// Bytes of the topics that the agency owns.
    case storedBytes = "stored_bytes_max"

    var isRate: Bool {
        switch self {
        case .produceByteRate, .fetchByteRate, .requestRate: true
        case .connections, .storedBytes: false
        }
    }
}

/// The quotas of one entity.
struct QuotaLimits: Hashable, Sendable {
    private(set) var values: [QuotaKey: Double] = [:]

    subscript(key: QuotaKey) -> Double? { values[key] }
    var isEmpty: Bool { values.isEmpty }

    mutating func remove(_ key: QuotaKey) { values[key] = nil }

    mutating func set(_ key: QuotaKey, to value: Double, of entity: QuotaEntity) throws(QuotaRefusal) {
        guard value.isFinite, value > 0, value <= 1e15 else {
            throw QuotaRefusal("\(key.rawValue) is a number above 0; remove the quota where there is to be none")
        }
        guard key.isRate || value.rounded() == value else { throw QuotaRefusal("\(key.rawValue) is a whole number") }
        if key == .storedBytes {
            guard case .agency = entity else {
                throw QuotaRefusal("\(key.rawValue) bounds the topics that an agency owns: it is for an agency, agency/*")
            }
        }
        values[key] = value
    }

    static func key(_ name: String) throws(QuotaRefusal) -> QuotaKey {
        guard let key = QuotaKey(rawValue: name) else {
            guard name != "request_percentage" else {
                throw QuotaRefusal("request_percentage bounds a share of the threads' time, which is not counted here; bound requests a second by request_rate")
            }
            let known = QuotaKey.allCases.map(\.rawValue).joined(separator: ", ")
            throw QuotaRefusal("there is no quota “\(name.cut(to: 128))”; there are \(known)")
        }
        return key
    }
}

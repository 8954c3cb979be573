import ArgumentParser
import Foundation

/// Where to begin in a topic, as people say it: `earliest`, `latest`, an offset, or a time.
enum StartPosition: ExpressibleByArgument, Equatable, Sendable {
    case position(OffsetPosition)
    case offset(Int64)

    /// A time is RFC 3339, or a date alone, which is its midnight in Vietnam (UTC+7, no summer time).
    init?(argument: String) {
        switch argument {
        case "earliest": self = .position(.earliest)
        case "latest": self = .position(.latest)
        default:
            if let offset = Int64(argument), offset >= 0 {
                self = .offset(offset)
            } else if let time = Self.time(argument) {
                self = .position(.time(time))
            } else {
                return nil
            }
        }
    }

    /// What help prints as a default.
    var defaultValueDescription: String {
        switch self {
        case .position(.earliest): "earliest"
        case .position(.latest): "latest"
        case .position(.time(let milliseconds)): "\(milliseconds) ms"
        case .offset(let offset): "\(offset)"
        }
    }

    private static func time(_ text: String) -> Int64? {
        let whole = text.count == 10 ? "\(text)T00:00:00+07:00" : text
        let date = try? Date(whole, strategy: .iso8601)
        let precise = date ?? (try? Date(whole, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        return precise.map { Int64(($0.timeIntervalSince1970 * 1000).rounded()) }
    }
}

extension KafkaClient {
    /// The offsets at a start position, each partition's within its bounds.
    func offsets(of topic: String, partitions: [Int32], at start: StartPosition) async throws(ClientError) -> [Int32: Int64] {
        switch start {
        case .position(let position): return try await offsets(of: topic, partitions: partitions, at: position)
        case .offset(let offset):
            let first = try await offsets(of: topic, partitions: partitions, at: .earliest)
            let end = try await offsets(of: topic, partitions: partitions, at: .latest)
            return Dictionary(
                uniqueKeysWithValues: partitions.map { ($0, min(max(offset, first[$0] ?? 0), end[$0] ?? offset)) })
        }
    }
}

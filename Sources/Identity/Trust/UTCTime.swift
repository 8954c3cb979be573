import Foundation

/// Instants as people read them in sentences.
enum UTCTime {
    /// ISO 8601 in UTC, to the second.
    static func text(_ millisecondsSince1970: Int64) -> String {
        Date(timeIntervalSince1970: Double(millisecondsSince1970) / 1000).formatted(.iso8601)
    }
}

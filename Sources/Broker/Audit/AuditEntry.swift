import AccessPolicy
import Foundation
import NIOCore
import Storage

/// One record of `_audit.access`: a CloudEvents 1.0 event in JSON (structured mode), without payloads, keys or secrets.
///
///     type              hanbridge.audit.refusal | .access | .signIn | .change | .suppressed
///     source            /hanbridge/<cluster id>
///     id                unique; time: when it happened, RFC 3339
///     subject           what it is about: topic:<name>, group:<id>, cluster, agreements:<owner> …
///     data.node         agency/unit/node; "broker" for the broker itself; empty where nobody was recognised
///     data.certificate  SHA-256 of the node's certificate, hex; absent for the broker
///     data.address      where it came from; absent where it came through no connection
///     data.action       publish, subscribe …; topic.create, agreements.apply …
///     data.outcome      refused | allowed | counted | begun; `begun` is durable before the change is made
///     data.reason       no-agreement, agreement-ended …; agreement:<id>#<rule>, role:auditor … for what allowed it; absent for a change
///     data.purpose      what a subscriber reads for, or declared to read for; data.purposeImplied: true where it declared none and its
///                       agreements share one
///     data.policyVersion  the version of the agreements that decided; absent for a change
///     data.since        where it stands for several: when the first of them was
///     data.count        how many the entry stands for: the same refusal within a second is one entry, the same access within a minute
///     data.details      names and numbers of a change
struct AuditEntry: Hashable, Sendable {
    enum Kind: String, Hashable {
        case refusal, change
        /// A node began to publish or to read.
        case access
        /// A node came through a listener's door.
        case signIn
        /// Decisions that were only counted: their node asked for more than is written down one by one.
        case suppressed
    }

    var kind: Kind
    /// ms since 1970
    var time: Int64
    var node: String
    var certificate: Digest256?
    var address: String?
    var action: String
    var resource: String
    var reason: String?
    var purpose: AgreedPurpose?
    var policyVersion: Int64?
    var count = 1
    /// ms since 1970; nil where it stands for one moment.
    var since: Int64?
    var details: [String: String] = [:]

    /// Names come from clients: longer ones are cut, so that an entry has a largest size.
    static let textBytesMax = 256
    static let detailBytesMax = 2_048
    static let detailsMax = 32
    /// What an entry with every text at its limit cannot exceed, escapes included.
    static let bytesMax = 512 * 1024

    func encoded(source: String, id: String) -> ByteBuffer {
        let event = Event(
            id: id, source: source, type: "hanbridge.audit.\(kind.rawValue)", time: Self.timeText(time),
            subject: resource.cut(to: Self.textBytesMax),
            data: Event.Contents(
                node: node.cut(to: Self.textBytesMax), certificate: certificate?.hex, address: address?.cut(to: Self.textBytesMax),
                action: action.cut(to: Self.textBytesMax), outcome: outcome,
                reason: reason?.cut(to: Self.textBytesMax), purpose: purpose?.id, purposeImplied: purpose?.isImplied == true ? true : nil,
                policyVersion: policyVersion, since: since.map(Self.timeText),
                count: kind == .change ? nil : count, details: cutDetails()))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return ByteBuffer(bytes: try encoder.encode(event))
        } catch {
            preconditionFailure("an audit entry of texts and numbers did not become JSON: \(error)")
        }
    }

    private var outcome: String {
        switch kind {
        case .refusal: "refused"
        case .suppressed: "counted"
        case .access, .signIn: "allowed"
        case .change: "begun"
        }
    }

    /// It tells that somebody reads the audit.
    var isQuiet: Bool { kind == .access && resource.hasPrefix("topic:_audit.") }

    private func cutDetails() -> [String: String]? {
        guard !details.isEmpty else { return nil }
        let kept = details.sorted { $0.key < $1.key }.prefix(Self.detailsMax)
        return Dictionary(
            kept.map { ($0.key.cut(to: Self.textBytesMax), $0.value.cut(to: Self.detailBytesMax)) }, uniquingKeysWith: { $1 })
    }

    static func timeText(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    private struct Event: Encodable {
        var specversion = "1.0"
        let id: String
        let source: String
        let type: String
        let time: String
        let subject: String
        var datacontenttype = "application/json"
        let data: Contents

        struct Contents: Encodable {
            let node: String
            let certificate: String?
            let address: String?
            let action: String
            let outcome: String
            let reason: String?
            let purpose: String?
            let purposeImplied: Bool?
            let policyVersion: Int64?
            let since: String?
            let count: Int?
            let details: [String: String]?
        }
    }
}

extension Digest256 {
    /// 64 lower-case digits.
    var hex: String {
        [words.0, words.1, words.2, words.3].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

extension String {
    /// At most so many bytes, at a character's end, with an ellipsis where something is left out.
    func cut(to bytesMax: Int) -> String {
        guard utf8.count > bytesMax else { return self }
        var result = ""
        var bytes = 0
        for character in self {
            bytes += character.utf8.count
            guard bytes <= bytesMax - 3 else { break }
            result.append(character)
        }
        return result + "…"
    }
}

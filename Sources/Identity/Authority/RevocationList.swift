import Foundation
import SwiftASN1
import X509

/// A certificate revocation list, version 2 (RFC 5280, section 5): swift-certificates reads none and writes none, so the few
/// sequences are written out here. OpenSSL checks them in the tests.
struct RevocationList {
    struct Entry {
        let serial: [UInt8]
        /// ms since 1970.
        let at: Int64
        let reason: RevocationReason
    }

    let issuer: DistinguishedName
    /// The issuer's subject key identifier.
    let issuerKeyIdentifier: [UInt8]
    /// Grows with each list of an issuer (5.2.3).
    let number: Int64
    /// ms since 1970.
    let thisUpdate: Int64
    let nextUpdate: Int64
    let entries: [Entry]

    /// DER, signed with ECDSA over P-256 and SHA-256.
    func signed(by key: Certificate.PrivateKey) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try appendToBeSigned(to: &serializer)
        let toBeSigned = serializer.serializedBytes
        let signature = try key.sign(bytes: toBeSigned, signatureAlgorithm: .ecdsaWithSHA256)
        var list = DER.Serializer()
        try list.appendConstructedNode(identifier: .sequence) { list in
            list.serializeRawBytes(toBeSigned)
            try Self.appendAlgorithm(to: &list)
            try list.serialize(ASN1BitString(bytes: signature.rawRepresentation[...]))
        }
        return list.serializedBytes
    }

    private func appendToBeSigned(to serializer: inout DER.Serializer) throws {
        try serializer.appendConstructedNode(identifier: .sequence) { list in
            try list.serialize(1)  // version 2
            try Self.appendAlgorithm(to: &list)
            try list.serialize(issuer)
            try Self.append(time: thisUpdate, to: &list)
            try Self.append(time: nextUpdate, to: &list)
            // 5.1.2.6: absent when there are none, never empty.
            if !entries.isEmpty {
                try list.appendConstructedNode(identifier: .sequence) { revoked in
                    for entry in entries { try Self.append(entry, to: &revoked) }
                }
            }
            try list.serialize(explicitlyTaggedWithTagNumber: 0, tagClass: .contextSpecific) { tagged in
                try tagged.appendConstructedNode(identifier: .sequence) { try appendExtensions(to: &$0) }
            }
        }
    }

    private func appendExtensions(to extensions: inout DER.Serializer) throws {
        let authorityKey = try Certificate.Extension(
            AuthorityKeyIdentifier(keyIdentifier: issuerKeyIdentifier[...]), critical: false)
        try Self.append(extension: authorityKey.oid, value: Array(authorityKey.value), to: &extensions)
        var encodedNumber = DER.Serializer()
        try encodedNumber.serialize(number)
        try Self.append(extension: [2, 5, 29, 20], value: encodedNumber.serializedBytes, to: &extensions)
    }

    private static func append(_ entry: Entry, to serializer: inout DER.Serializer) throws {
        try serializer.appendConstructedNode(identifier: .sequence) { revoked in
            try revoked.serialize(entry.serial[...])
            try append(time: entry.at, to: &revoked)
            // 5.3.1: an unspecified reason is said by saying none.
            guard entry.reason != .unspecified else { return }
            try revoked.appendConstructedNode(identifier: .sequence) { extensions in
                var reason = DER.Serializer()
                reason.appendPrimitiveNode(identifier: .enumerated) { $0.append(entry.reason.code) }
                try append(extension: [2, 5, 29, 21], value: reason.serializedBytes, to: &extensions)
            }
        }
    }

    private static func append(
        extension identifier: ASN1ObjectIdentifier, value: [UInt8], to serializer: inout DER.Serializer
    ) throws {
        try serializer.appendConstructedNode(identifier: .sequence) { body in
            try body.serialize(identifier)
            try body.serialize(ASN1OctetString(contentBytes: value[...]))
        }
    }

    /// AlgorithmIdentifier of ecdsa-with-SHA256, without parameters (RFC 5758, 3.2).
    private static func appendAlgorithm(to serializer: inout DER.Serializer) throws {
        let ecdsaWithSHA256: ASN1ObjectIdentifier = [1, 2, 840, 10045, 4, 3, 2]
        try serializer.appendConstructedNode(identifier: .sequence) { try $0.serialize(ecdsaWithSHA256) }
    }

    /// RFC 5280, 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on.
    private static func append(time milliseconds: Int64, to serializer: inout DER.Serializer) throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let at = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: Double(milliseconds / 1000)))
        let (year, month, day) = (at.year ?? 1970, at.month ?? 1, at.day ?? 1)
        let (hours, minutes, seconds) = (at.hour ?? 0, at.minute ?? 0, at.second ?? 0)
        if year < 2050 {
            try serializer.serialize(
                SwiftASN1.UTCTime(year: year, month: month, day: day, hours: hours, minutes: minutes, seconds: seconds))
        } else {
            try serializer.serialize(
                GeneralizedTime(
                    year: year, month: month, day: day, hours: hours, minutes: minutes, seconds: seconds,
                    rawFractionalSeconds: [][...]))
        }
    }
}

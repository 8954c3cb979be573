import AccessPolicy
import Foundation
import SwiftASN1

/// Reads the files that broker.yaml's `identity` section names. All or nothing: what it throws leaves the caller with the
/// configuration it had.
public enum TrustFiles {
    /// A file of certificates beyond this is not one.
    public static let certificateFileBytesMax = 4 << 20
    /// A national authority's list of a million revocations is about 40 MB.
    public static let revocationFileBytesMax = 128 << 20

    /// - Parameter directory: what relative paths are relative to: the directory of broker.yaml.
    /// - Throws: ``TrustError`` naming the file, what is wrong with it and what to do.
    public static func load(_ settings: IdentitySettings, relativeTo directory: String) throws(TrustError) -> TrustConfiguration {
        let hours = settings.crlGraceHours ?? 24
        guard hours.isFinite, (0...8760).contains(hours) else {
            throw TrustError("identity.crlGraceHours is \(hours); write a number of hours from 0 to 8760")
        }
        try checkRuleOwners(settings)
        return TrustConfiguration(
            authorities: try settings.authorities.map { authority throws(TrustError) in
                try trusted(authority, rules: (settings.rules ?? []).filter { $0.authority == authority.name }, directory)
            },
            revocationGraceMilliseconds: Int64(hours * 3_600_000))
    }

    /// Every file that ``load(_:relativeTo:)`` reads, absolute: what to watch for changes.
    public static func paths(of settings: IdentitySettings, relativeTo directory: String) -> [String] {
        settings.authorities.flatMap { authority in
            let lists: [String] =
                switch authority.crls {
                case .files(let files): files
                case .none: []
                }
            return (authority.certificates + (authority.intermediates ?? []) + lists).map { absolute($0, directory) }
        }
    }

    private static func trusted(
        _ authority: IdentitySettings.Authority, rules: [IdentitySettings.Rule], _ directory: String
    ) throws(TrustError) -> TrustedAuthority {
        let revocation: TrustedAuthority.Revocation
        var sources = TrustedAuthority.Sources()
        switch authority.crls {
        case .none: revocation = .notChecked
        case .files(let files):
            guard !files.isEmpty else {
                throw TrustError(
                    "the authority “\(authority.name)” names no revocation list; list its files under crls, or write `crls: none`")
            }
            revocation = .lists(try read(files, "X509 CRL", bytesMax: revocationFileBytesMax, directory, &sources.lists))
        }
        var trusted = TrustedAuthority(
            name: authority.name,
            anchors: try read(
                authority.certificates, "CERTIFICATE", bytesMax: certificateFileBytesMax, directory, &sources.anchors),
            intermediates: try read(
                authority.intermediates ?? [], "CERTIFICATE", bytesMax: certificateFileBytesMax, directory, &sources.intermediates),
            revocation: revocation, agencies: try agencies(authority),
            roles: try roles(authority.roles, "the authority “\(authority.name)”"),
            naming: rules.isEmpty ? .spiffe : .rules(try rules.map { rule throws(TrustError) in try NamingRule(rule) }))
        trusted.sources = sources
        return trusted
    }

    private static func agencies(_ authority: IdentitySettings.Authority) throws(TrustError) -> TrustedAuthority.Agencies {
        guard authority.agencies.contains("*") else { return .listed(Set(authority.agencies)) }
        guard authority.agencies.count == 1 else {
            throw TrustError("the authority “\(authority.name)” lists \"*\" beside other agencies; \"*\" already means all that no other authority lists")
        }
        return .rest
    }

    static func roles(_ names: [String]?, _ owner: String) throws(TrustError) -> Set<Role> {
        var roles: Set<Role> = []
        for name in names ?? [Role.member.rawValue] {
            guard let role = Role(rawValue: name) else {
                let known = Role.allCases.map(\.rawValue).joined(separator: ", ")
                throw TrustError("\(owner) has the role “\(name)”; the roles are \(known)")
            }
            roles.insert(role)
        }
        return roles
    }

    private static func checkRuleOwners(_ settings: IdentitySettings) throws(TrustError) {
        let names = Set(settings.authorities.map(\.name))
        for rule in settings.rules ?? [] where !names.contains(rule.authority) {
            throw TrustError("identity.rules has a rule for “\(rule.authority)”, which identity.authorities does not name")
        }
    }

    // MARK: Files

    static func absolute(_ path: String, _ directory: String) -> String { path.hasPrefix("/") ? path : "\(directory)/\(path)" }

    /// - Parameter sources: gets the file of each document.
    private static func read(
        _ files: [String], _ kind: String, bytesMax: Int, _ directory: String, _ sources: inout [String]
    ) throws(TrustError) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for file in files {
            let path = absolute(file, directory)
            let documents = try read(path, kind, bytesMax: bytesMax)
            found += documents
            sources += documents.map { _ in path }
        }
        return found
    }

    /// The DER documents of one kind in a file: PEM, or DER as it is, which is how most authorities publish their lists.
    static func read(_ path: String, _ kind: String, bytesMax: Int) throws(TrustError) -> [[UInt8]] {
        let data: Data
        do {
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            guard size <= bytesMax else { throw TrustError("\(path) has \(size) bytes; a file of this kind has at most \(bytesMax)") }
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch let error as TrustError {
            throw error
        } catch {
            throw TrustError("\(path) cannot be read: \(error.localizedDescription)")
        }
        if data.first == 0x30 { return [Array(data)] }
        let documents: [PEMDocument]
        do {
            documents = try PEMDocument.parseMultiple(pemString: String(decoding: data, as: UTF8.self))
        } catch {
            throw TrustError("\(path) is neither PEM nor DER: \(error)")
        }
        let wanted = documents.filter { $0.discriminator == kind }.map(\.derBytes)
        guard !wanted.isEmpty else {
            let others = Set(documents.map(\.discriminator)).sorted().joined(separator: ", ")
            throw TrustError("\(path) has no “BEGIN \(kind)”\(others.isEmpty ? "" : ", only \(others)")")
        }
        return wanted
    }
}

import AccessPolicy
import CTrust

/// One ``TrustedAuthority`` in OpenSSL's form. Filled in `init`, read-only afterwards.
///
/// `@unchecked Sendable`: `handle` is set once, never mutated after `init`, and `ct_authority_validate` takes it as const;
/// OpenSSL's X509_STORE, X509 and X509_CRL lock what they cache inside (X509_STORE_CTX is made per call).
final class CompiledAuthority: @unchecked Sendable {
    let name: String
    let agencies: TrustedAuthority.Agencies
    let roles: Set<Role>
    let naming: TrustedAuthority.Naming
    let lists: [RevocationListStatus]
    /// The same lists, DER: kept with what was accepted under them.
    let listFiles: [[UInt8]]
    private let handle: OpaquePointer

    init(_ authority: TrustedAuthority) throws(TrustError) {
        let listFiles: [[UInt8]]
        let checksRevocation: Bool
        switch authority.revocation {
        case .lists(let lists): (listFiles, checksRevocation) = (lists, true)
        case .notChecked: (listFiles, checksRevocation) = ([], false)
        }
        guard let handle = ct_authority_create(checksRevocation ? 1 : 0, Int32(PeerAuthenticator.intermediatesMax)) else {
            throw TrustError("there is no memory for the certificates of “\(authority.name)”")
        }
        do throws(TrustError) {
            let anchors = try Self.addCertificates(of: authority, to: handle)
            self.lists = try listFiles.enumerated().map { index, bytes throws(TrustError) in
                try Self.addList(
                    bytes, number: index + 1, from: Self.place(index, in: authority.sources.lists), of: authority.name, to: handle)
            }
            if checksRevocation { try Self.requireList(forEach: anchors, among: lists, of: authority.name) }
        } catch {
            ct_authority_free(handle)
            throw error
        }
        self.name = authority.name
        self.agencies = authority.agencies
        self.roles = authority.roles
        self.naming = authority.naming
        self.listFiles = listFiles
        self.handle = handle
    }

    deinit { ct_authority_free(handle) }

    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - forgivesEnds: whether a path may have ended before that.
    func validate(_ chain: [[UInt8]], atSecond now: Int64, forgivingEnds forgivesEnds: Bool = false) -> Result<ValidatedPath, PeerRefusal> {
        Self.validate(chain, under: handle, atSecond: now, forgivingEnds: forgivesEnds)
    }

    static func validate(
        _ chain: [[UInt8]], under handle: OpaquePointer, atSecond now: Int64, forgivingEnds forgivesEnds: Bool
    ) -> Result<ValidatedPath, PeerRefusal> {
        var verdict = withSpans(chain) { spans in
            ct_authority_validate(handle, spans.baseAddress, spans.count, now, forgivesEnds ? 1 : 0)
        }
        defer { ct_path_free(verdict.path) }
        let words = verdict.words.map { String(cString: $0) } ?? "OpenSSL does not say why"
        switch verdict.outcome {
        case CT_VALID: return .success(ValidatedPath(&verdict))
        case CT_UNKNOWN_AUTHORITY: return .failure(.unknownAuthority)
        case CT_EXPIRED: return .failure(.expired(at: verdict.bound * 1000))
        case CT_NOT_YET_VALID: return .failure(.notYetValid(before: verdict.bound * 1000))
        case CT_REVOKED: return .failure(.revoked)
        case CT_WRONG_PURPOSE: return .failure(.wrongPurpose)
        case CT_WEAK_KEY: return .failure(.weakKey)
        case CT_LIST_MISSING: return .failure(.revocationListMissing)
        case CT_LIST_UNUSABLE: return .failure(.revocationListUnusable(words))
        case CT_MALFORMED: return .failure(.malformed("not a DER certificate"))
        case CT_OUT_OF_MEMORY: return .failure(.invalidPath("out of memory"))
        default: return .failure(.invalidPath(words))
        }
    }
}

/// What OpenSSL found: the path, and the times that bound the finding. Times are seconds since 1970.
struct ValidatedPath {
    let certificates: [[UInt8]]
    /// The path holds in `[notBefore, notAfter)`.
    let notBefore: Int64
    let notAfter: Int64
    let leafNotAfter: Int64
    /// `Int64.max` where revocation is not checked.
    let listNextUpdate: Int64

    fileprivate init(_ verdict: inout ct_verdict) {
        certificates = (0..<ct_path_count(verdict.path)).map { index in
            let span = ct_path_certificate(verdict.path, index)
            return Array(UnsafeBufferPointer(start: span.bytes, count: span.length))
        }
        notBefore = verdict.not_before
        notAfter = verdict.not_after
        leafNotAfter = verdict.leaf_not_after
        listNextUpdate = verdict.list_next_update
    }
}

extension CompiledAuthority {
    /// Adds anchors and intermediates.
    /// - Returns: the anchors' names, for sentences.
    private static func addCertificates(of authority: TrustedAuthority, to handle: OpaquePointer) throws(TrustError) -> [String] {
        guard !authority.anchors.isEmpty else {
            throw TrustError("the authority “\(authority.name)” has no certificate; name its PEM file under certificates")
        }
        var anchorNames: [String] = []
        for (index, anchor) in authority.anchors.enumerated() {
            let place = place(index, in: authority.sources.anchors)
            anchorNames.append(try inspect(anchor, of: authority.name, place))
            try check(withSpan(anchor) { ct_authority_add_anchor(handle, $0) }, authority.name, place)
        }
        for (index, intermediate) in authority.intermediates.enumerated() {
            let place = place(index, in: authority.sources.intermediates)
            _ = try inspect(intermediate, of: authority.name, place)
            try check(withSpan(intermediate) { ct_authority_add_intermediate(handle, $0) }, authority.name, place)
        }
        return anchorNames
    }

    /// The file of a document, in brackets, or nothing where it came from none.
    private static func place(_ index: Int, in sources: [String]) -> String {
        sources.indices.contains(index) ? " (\(sources[index]))" : ""
    }

    private static func inspect(_ certificate: [UInt8], of authority: String, _ place: String) throws(TrustError) -> String {
        var facts = ct_certificate_facts()
        try check(withSpan(certificate) { ct_certificate_inspect($0, &facts) }, authority, place)
        let name = text(&facts.name)
        guard facts.is_authority != 0 else {
            throw TrustError(
                "“\(name)”\(place) under the authority “\(authority)” is not an authority's certificate (basic constraints CA); "
                    + "name the certificate that issues the nodes' ones")
        }
        return name
    }

    private static func check(_ outcome: ct_outcome, _ authority: String, _ place: String) throws(TrustError) {
        guard outcome == CT_VALID else {
            throw TrustError("a certificate of the authority “\(authority)”\(place) cannot be read: it is not a DER certificate")
        }
    }

    private static func addList(
        _ bytes: [UInt8], number: Int, from place: String, of authority: String, to handle: OpaquePointer
    ) throws(TrustError) -> RevocationListStatus {
        var facts = ct_list_facts()
        switch withSpan(bytes, { ct_authority_add_list(handle, $0, &facts) }) {
        case CT_VALID: break
        case CT_UNKNOWN_AUTHORITY:
            throw TrustError(
                "revocation list \(number)\(place) of the authority “\(authority)” is signed by none of its certificates; "
                    + "add the signer under certificates or intermediates")
        case CT_LIST_UNUSABLE:
            throw TrustError(
                "revocation list \(number)\(place) of the authority “\(authority)” has no next update, so nobody can tell when it is stale")
        default:
            throw TrustError(
                "revocation list \(number)\(place) of the authority “\(authority)” cannot be read: it is not a DER revocation list")
        }
        return RevocationListStatus(
            authority: authority, issuer: text(&facts.issuer), thisUpdate: facts.this_update * 1000,
            nextUpdate: facts.next_update * 1000, revokedCount: facts.revoked_count, signer: facts.signer)
    }

    /// Without this a forgotten file would show only as refused connections.
    private static func requireList(
        forEach anchors: [String], among lists: [RevocationListStatus], of authority: String
    ) throws(TrustError) {
        for (index, anchor) in anchors.enumerated() where !lists.contains(where: { $0.signer == index }) {
            throw TrustError(
                "the authority “\(authority)” has no revocation list of its certificate “\(anchor)”; name the file under crls, "
                    + "or write `crls: none` if it publishes none")
        }
    }

    /// A C array of char, up to its NUL.
    private static func text<Characters>(_ characters: inout Characters) -> String {
        withUnsafeBytes(of: &characters) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

func withSpan<Answer>(_ bytes: [UInt8], _ body: (ct_span) -> Answer) -> Answer {
    bytes.withUnsafeBufferPointer { body(ct_span(bytes: $0.baseAddress, length: $0.count)) }
}

/// All of a chain in one buffer, so that no pointer outlives the closure that lent it.
func withSpans<Answer>(_ chain: [[UInt8]], _ body: (UnsafeBufferPointer<ct_span>) -> Answer) -> Answer {
    let joined = chain.flatMap { $0 }
    return joined.withUnsafeBufferPointer { buffer in
        var start = 0
        let spans = chain.map { certificate in
            defer { start += certificate.count }
            return ct_span(bytes: buffer.baseAddress.map { $0 + start }, length: certificate.count)
        }
        return spans.withUnsafeBufferPointer(body)
    }
}

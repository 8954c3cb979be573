import AccessPolicy

/// Which authority speaks for which agency: each agency has exactly one, which is what makes agency/unit/node unique.
struct AgencyOwners {
    private let listed: [String: String]
    private let restOwner: String?

    init(_ configuration: TrustConfiguration) throws(TrustError) {
        try Self.checkNames(configuration.authorities)
        var listed: [String: String] = [:]
        var restOwner: String?
        for authority in configuration.authorities {
            switch authority.agencies {
            case .rest:
                if let other = restOwner {
                    throw TrustError("“\(other)” and “\(authority.name)” both speak for all other agencies (agencies: [\"*\"]); only one authority can")
                }
                restOwner = authority.name
            case .listed(let agencies):
                guard !agencies.isEmpty else { throw TrustError("the authority “\(authority.name)” may speak for no agency; list them under agencies") }
                for agency in agencies.sorted() {
                    if let other = listed[agency] {
                        throw TrustError("“\(other)” and “\(authority.name)” both claim the agency “\(agency)”; an agency belongs to one authority")
                    }
                    try Self.check(component: "agency", agency, of: authority.name)
                    listed[agency] = authority.name
                }
            }
        }
        self.listed = listed
        self.restOwner = restOwner
    }

    func owner(of agency: String) -> String? { listed[agency] ?? restOwner }

    /// An authenticated name is still refused when its authority may not speak for that agency or grant that role.
    func check(_ identity: NodeIdentity, speaking authority: CompiledAuthority) throws(PeerRefusal) {
        guard owner(of: identity.agency) == authority.name else {
            throw .agencyOfAnotherAuthority(agency: identity.agency, authority: authority.name)
        }
        for role in identity.roles.sorted() where role != .member && !authority.roles.contains(role) {
            throw .roleNotGranted(role, authority: authority.name)
        }
    }

    private static func checkNames(_ authorities: [TrustedAuthority]) throws(TrustError) {
        guard !authorities.isEmpty else { throw TrustError("identity.authorities is empty: no node could connect; name at least one authority") }
        guard authorities.count <= TrustConfiguration.authoritiesMax else {
            throw TrustError("identity.authorities has \(authorities.count) entries; the limit is \(TrustConfiguration.authoritiesMax)")
        }
        var names: Set<String> = []
        var anchors: [[UInt8]: String] = [:]
        for authority in authorities {
            try check(component: "authority", authority.name, of: authority.name)
            guard names.insert(authority.name).inserted else { throw TrustError("identity.authorities has “\(authority.name)” twice") }
            for anchor in authority.anchors {
                if let other = anchors[anchor], other != authority.name {
                    throw TrustError("“\(other)” and “\(authority.name)” share a certificate; who signs decides which authority speaks")
                }
                anchors[anchor] = authority.name
            }
        }
    }

    private static func check(component name: String, _ value: String, of authority: String) throws(TrustError) {
        guard (try? NodeIdentity(authority: value, agency: value, unit: value, node: value)) != nil else {
            throw TrustError("the \(name) “\(value)” of the authority “\(authority)” is not 1 to 63 characters of a-z, 0-9, '.', '_' and '-'")
        }
    }
}

extension TrustConfiguration {
    /// Rules are checked when they are written, not when the first certificate meets them.
    func checkRules(owners: AgencyOwners) throws(TrustError) {
        for authority in authorities {
            guard case .rules(let rules) = authority.naming else { continue }
            guard !rules.isEmpty else { throw TrustError("the authority “\(authority.name)” has no rule; nothing could name its nodes") }
            for rule in rules {
                for role in rule.roles.sorted() where role != .member && !authority.roles.contains(role) {
                    throw TrustError("a rule of “\(authority.name)” grants “\(role.rawValue)”, which its roles do not list")
                }
                for case .literal(let text) in [rule.agency, rule.unit, rule.node]
                where (try? NodeIdentity(authority: authority.name, agency: text, unit: text, node: text)) == nil {
                    throw TrustError("a rule of “\(authority.name)” has “\(text)”, which is not 1 to 63 characters of a-z, 0-9, '.', '_' and '-'")
                }
                if case .literal(let agency) = rule.agency, owners.owner(of: agency) != authority.name {
                    throw TrustError("a rule of “\(authority.name)” names the agency “\(agency)”, for which it may not speak; see its agencies")
                }
            }
        }
    }
}

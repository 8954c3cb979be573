import AccessPolicy
import KafkaWire

// ACLs as Kafka's protocol has them: numbers and principals to bindings and back. The numbers are those of
// org.apache.kafka.common.resource and org.apache.kafka.common.acl.

enum WireResource: Int8 {
    case any = 1, topic, group, cluster, transactionalID, delegationToken, user
}

enum WirePattern: Int8 {
    case any = 1, match, literal, prefixed
}

enum WireOperation: Int8 {
    case any = 1, all, read, write, create, delete, alter, describe, clusterAction, describeConfigs, alterConfigs, idempotentWrite,
        createTokens, describeTokens
}

enum WirePermission: Int8 {
    case any = 1, deny, allow
}

extension AccessBinding {
    var wireResource: WireResource {
        switch resource {
        case .topic: .topic
        case .group: .group
        }
    }

    var wirePattern: WirePattern {
        switch patternType {
        case .literal: .literal
        case .prefixed: .prefixed
        }
    }

    var wireOperation: WireOperation {
        switch operation {
        case .all: .all
        case .read: .read
        case .write: .write
        case .describe: .describe
        }
    }

    var wirePermission: WirePermission {
        switch permission {
        case .allow: .allow
        case .deny: .deny
        }
    }

    /// `User:agency/unit/node`, where each level may be `*`; `User:*` for everybody.
    var principal: String { "\(node)" == "*/*/*" ? "User:*" : "User:\(node)" }

    /// All that is known of hosts: a certificate says who a node is, wherever it is.
    static let everyHost = "*"

    /// - Throws: for what cannot be enforced as it is said, rather than to enforce something like it.
    init(_ creation: CreateAclsRequest.AclCreation) throws(AdministrationRefusal) {
        func refusal(_ sentence: String) -> AdministrationRefusal { AdministrationRefusal(.invalidRequest, sentence) }
        let resource: Resource
        switch WireResource(rawValue: creation.resourceType) {
        case .topic: resource = .topic
        case .group: resource = .group
        case .cluster: throw refusal("what a node may do with the cluster its certificate's roles say, not an ACL")
        case .transactionalID, .delegationToken, .user: throw refusal("this broker has no ACLs of transactional ids, delegation tokens and users")
        case .any, nil: throw refusal("an ACL needs one type of resource")
        }
        let pattern: PatternType
        switch WirePattern(rawValue: creation.resourcePatternType) {
        case .literal: pattern = .literal
        case .prefixed: pattern = .prefixed
        case .any, .match, nil: throw refusal("an ACL needs the pattern type LITERAL or PREFIXED")
        }
        let permission: Permission
        switch WirePermission(rawValue: creation.permissionType) {
        case .allow: permission = .allow
        case .deny: permission = .deny
        case .any, nil: throw refusal("an ACL needs the permission ALLOW or DENY")
        }
        guard creation.host == Self.everyHost else {
            throw refusal("the host must be *: a node is known by its certificate, wherever it connects from")
        }
        let operation = try Self.operation(creation.operation)
        do throws(PatternError) {
            let node = try Self.node(ofPrincipal: creation.principal)
            try self.init(resource, pattern, creation.resourceName, node: node, operation: operation, permission: permission)
        } catch {
            throw refusal(error.description)
        }
    }

    private static func operation(_ code: Int8) throws(AdministrationRefusal) -> Operation {
        switch WireOperation(rawValue: code) {
        case .all: return .all
        case .read: return .read
        case .write: return .write
        case .describe, .describeConfigs: return .describe
        case .create, .delete, .alter, .alterConfigs:
            throw AdministrationRefusal(
                .invalidRequest, "CREATE, DELETE, ALTER and ALTER_CONFIGS are not given one by one here: an agreement's “administer”, or ALL, gives them together")
        case .clusterAction, .idempotentWrite, .createTokens, .describeTokens:
            throw AdministrationRefusal(.invalidRequest, "this operation is not one of a topic or a group")
        case .any, nil: throw AdministrationRefusal(.invalidRequest, "an ACL needs one operation")
        }
    }

    private static func node(ofPrincipal principal: String) throws(PatternError) -> NodePattern {
        guard principal.hasPrefix("User:") else { return try NodePattern(principal) }
        let path = String(principal.dropFirst("User:".count))
        return try NodePattern(path == "*" ? "*/*/*" : path)
    }
}

/// What DescribeAcls and DeleteAcls look for.
struct AccessBindingFilter {
    let resource: WireResource
    let pattern: WirePattern
    let name: String?
    let principal: String?
    let host: String?
    let operation: WireOperation
    let permission: WirePermission

    /// nil for numbers that nobody knows.
    init?(
        resource: Int8, pattern: Int8, name: String?, principal: String?, host: String?, operation: Int8, permission: Int8
    ) {
        guard let resource = WireResource(rawValue: resource), let pattern = WirePattern(rawValue: pattern),
            let operation = WireOperation(rawValue: operation), let permission = WirePermission(rawValue: permission)
        else { return nil }
        (self.resource, self.pattern, self.name) = (resource, pattern, name)
        (self.principal, self.host) = (principal, host)
        (self.operation, self.permission) = (operation, permission)
    }

    func matches(_ binding: AccessBinding) -> Bool {
        (resource == .any || resource == binding.wireResource) && matchesName(of: binding)
            && (principal == nil || principal == binding.principal) && (host == nil || host == AccessBinding.everyHost)
            && (operation == .any || operation == binding.wireOperation) && (permission == .any || permission == binding.wirePermission)
    }

    /// KIP-290: MATCH finds whatever would affect a resource of this name.
    private func matchesName(of binding: AccessBinding) -> Bool {
        switch pattern {
        case .any: return name == nil || name == binding.name
        case .literal: return binding.patternType == .literal && (name == nil || name == binding.name)
        case .prefixed: return binding.patternType == .prefixed && (name == nil || name == binding.name)
        case .match:
            guard let name else { return true }
            switch binding.patternType {
            case .literal: return binding.name == name || binding.name == "*"
            case .prefixed: return name.hasPrefix(binding.name)
            }
        }
    }
}

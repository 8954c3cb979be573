import AccessPolicy

/// What a node may do, as the bit set of ACL operations that Metadata and DescribeCluster tell on request (KIP-430); the bit
/// numbers are those of org.apache.kafka.common.acl.AclOperation.
enum AuthorizedOperations {
    private enum Bit: Int32 {
        case read = 3, write, create, delete, alter, describe, clusterAction, describeConfigs, alterConfigs, idempotentWrite
    }

    static func cluster(in context: RequestContext) -> Int32 {
        var bits: [Bit] = []
        if context.shows(.describeCluster) { bits += [.describe] }
        if context.shows(.administerCluster) { bits += [.create, .alter, .describeConfigs, .alterConfigs] }
        if context.shows(.produceIdempotently) { bits += [.idempotentWrite] }
        return set(bits)
    }

    static func topic(_ name: String, in context: RequestContext) -> Int32 {
        var bits: [Bit] = []
        if context.shows(.subscribe(topic: name, purpose: context.purpose)) { bits += [.read] }
        if context.shows(.publish(topic: name)) { bits += [.write] }
        if context.shows(.describe(topic: name)) { bits += [.describe, .describeConfigs] }
        if context.shows(.administer(topic: name)) { bits += [.create, .delete, .alter, .alterConfigs] }
        return set(bits)
    }

    static func group(_ group: String, in context: RequestContext) -> Int32 {
        var bits: [Bit] = []
        if context.shows(.useGroup(group)) { bits += [.read] }
        if context.shows(.describeGroup(group)) { bits += [.describe] }
        if context.shows(.administerGroup(group)) { bits += [.delete] }
        return set(bits)
    }

    private static func set(_ bits: [Bit]) -> Int32 { bits.reduce(0) { $0 | 1 << $1.rawValue } }
}

/// A response that says how long the client is kept waiting after it (KIP-219).
public protocol ThrottledResponse: WireMessage {
    /// 0 where the client was within its quotas. Versions before the field was there leave it out.
    var throttleTimeMilliseconds: Int32 { get set }
}

extension ProduceResponse: ThrottledResponse {}
extension FetchResponse: ThrottledResponse {}
extension ListOffsetsResponse: ThrottledResponse {}
extension MetadataResponse: ThrottledResponse {}
extension OffsetCommitResponse: ThrottledResponse {}
extension OffsetFetchResponse: ThrottledResponse {}
extension FindCoordinatorResponse: ThrottledResponse {}
extension JoinGroupResponse: ThrottledResponse {}
extension HeartbeatResponse: ThrottledResponse {}
extension LeaveGroupResponse: ThrottledResponse {}
extension SyncGroupResponse: ThrottledResponse {}
extension DescribeGroupsResponse: ThrottledResponse {}
extension ListGroupsResponse: ThrottledResponse {}
extension ApiVersionsResponse: ThrottledResponse {}
extension CreateTopicsResponse: ThrottledResponse {}
extension DeleteTopicsResponse: ThrottledResponse {}
extension DeleteRecordsResponse: ThrottledResponse {}
extension InitProducerIdResponse: ThrottledResponse {}
extension OffsetForLeaderEpochResponse: ThrottledResponse {}
extension DescribeConfigsResponse: ThrottledResponse {}
extension AlterConfigsResponse: ThrottledResponse {}
extension DescribeLogDirsResponse: ThrottledResponse {}
extension CreatePartitionsResponse: ThrottledResponse {}
extension DeleteGroupsResponse: ThrottledResponse {}
extension IncrementalAlterConfigsResponse: ThrottledResponse {}
extension OffsetDeleteResponse: ThrottledResponse {}
extension DescribeClientQuotasResponse: ThrottledResponse {}
extension AlterClientQuotasResponse: ThrottledResponse {}
extension DescribeClusterResponse: ThrottledResponse {}

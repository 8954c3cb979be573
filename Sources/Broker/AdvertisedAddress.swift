/// Where clients reach this broker, as Metadata, FindCoordinator and DescribeCluster tell them. The listener sets it once it
/// knows its port (port 0 picks a free one).
public struct AdvertisedAddress: Hashable, Sendable {
    public let host: String
    /// 0...65535
    public let port: Int32

    public init(host: String, port: Int32) {
        self.host = host
        self.port = port
    }
}

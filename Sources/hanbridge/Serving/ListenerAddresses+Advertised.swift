import Foundation

extension BrokerConfiguration.ListenerAddresses {
    /// What clients are told: the configured address, else the listener's own, else for a listener on all interfaces this
    /// machine's name. Port 0 stands for the port that was got.
    func advertisedAddress(boundPort: Int) -> HostAndPort {
        if let advertised { return HostAndPort(host: advertised.host, port: advertised.port == 0 ? boundPort : advertised.port) }
        return HostAndPort(host: Self.reachable(kafka.host), port: boundPort)
    }

    static func reachable(_ host: String) -> String {
        ["0.0.0.0", "::", "*"].contains(host) ? ProcessInfo.processInfo.hostName : host
    }
}

import Foundation
import Sentences
import Transparency

/// Where a witness is reached, and with which certificate.
struct WitnessAddress: Equatable, Sendable {
    let witness: TrustPolicy.Witness
    /// The submission prefix, without a slash at its end.
    let url: String
    /// nil without TLS: on this machine alone.
    let profile: String?

    private static let path = "/witness"
    private static let loopback = ["127.0.0.1", "localhost", "[::1]"]

    /// - Parameters:
    ///   - url: comes before the one of the policy file, which comes before `/witness` at the profile's address.
    init(_ name: String, in policy: TrustPolicy, profile: String?, url: String?) throws(CommandFailure) {
        guard let witness = policy.witness(named: name) else { throw .refused(.witnessNotInPolicy(name)) }
        let chosen = url ?? witness.url.map { String(decoding: $0, as: UTF8.self) }
        let address: String
        if let chosen {
            address = chosen
        } else if let profile {
            address = try Profile(contentsOf: profile).https + Self.path
        } else {
            throw .refused(.witnessWithoutAddress(name))
        }
        guard let parts = URLComponents(string: address), let host = parts.host else { throw .refused(.notAnAddress(address)) }
        switch parts.scheme {
        case "https":
            guard profile != nil else { throw .refused(.witnessWithoutProfile(name)) }
        // What a checkpoint says of topics is no business of the network's.
        case "http" where Self.loopback.contains(host) || host == "::1": break
        default: throw .refused(.witnessWithoutTLS(address))
        }
        self.witness = witness
        self.url = String(address.trimmingSuffix { $0 == "/" })
        self.profile = profile
    }
}

extension String {
    fileprivate func trimmingSuffix(while matches: (Character) -> Bool) -> Substring {
        var rest = self[...]
        while let last = rest.last, matches(last) { rest.removeLast() }
        return rest
    }
}

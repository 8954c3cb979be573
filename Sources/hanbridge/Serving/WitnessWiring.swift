import AsyncHTTPClient
import Broker
import Foundation
import KafkaWire
import Logging
import Metadata
import Sentences
import Storage
import Transparency
import Witnessing

/// The broker's two sides of witnessing: its own role as a witness of others, and the way to its witnesses.
struct WitnessWiring {
    /// What the logs are called by, and who signs them.
    let host: String
    let keys: [SigningKey]
    let witness: Witness?
    /// nil where no witness is asked.
    let submitter: WitnessSubmitter?
    /// The same for the journal that is time-stamped.
    let journal: JournalSubmitter?
    private let memory: WitnessDatabase?
    private let http: HTTPClient?

    init(_ configuration: BrokerConfiguration, _ policy: TrustPolicy?, _ services: BrokerServices, logger: Logger) throws {
        host = configuration.evidence.host ?? "hanbridge-\(services.clusterID.hex)"
        keys = try LogKeyFiles(configuration).keys()
        let addresses = try Self.addresses(configuration, policy)
        let own = try configuration.evidence.witness.map { role in
            try WitnessSetUp(role: role, home: WitnessHome(directory: configuration.witnessDirectory)).open(logger: logger)
        }
        witness = own?.witness
        memory = own?.memory
        guard let policy, !addresses.isEmpty, let logs = PinnedLog(host: host, publicKeys: keys.map(\.publicKey)) else {
            (submitter, journal, http) = (nil, nil, nil)
            return
        }
        let http = WitnessHTTP.client()
        do {
            let asking = try addresses.map { try WitnessHTTP($0, http) }
            journal = JournalSubmitter(asking, logs: logs)
            submitter = WitnessSubmitter(asking, policy: policy, own: own?.publicKey, logs: logs, services: services)
        } catch {
            try? http.syncShutdown()
            throw error
        }
        self.http = http
    }

    /// Where the witnesses are that broker.yaml names. Also for `check`.
    static func addresses(_ configuration: BrokerConfiguration, _ policy: TrustPolicy?) throws(CommandFailure) -> [WitnessAddress] {
        let choices = configuration.evidence.witnesses
        guard choices.count <= Cosigning.witnessesMax else { throw .refused(.tooManyWitnesses(max: Cosigning.witnessesMax)) }
        var addresses: [WitnessAddress] = []
        for choice in choices {
            addresses.append(try WitnessAddress(choice.name, in: policy ?? .withoutWitnesses, profile: choice.profile, url: choice.url))
        }
        return addresses
    }

    func shutDown() async {
        try? await http?.shutdown()
        await memory?.shutDown()
    }
}

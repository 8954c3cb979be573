import Broker
import Identity
import Metadata
import Sentences

/// The part of a broker that has its checkpoints time-stamped, where its configuration names an authority.
struct Timestamping: Sendable {
    let timestamper: CheckpointTimestamper
    let client: TimestampClient
    let interval: Duration

    init?(_ configuration: BrokerConfiguration, _ signer: CheckpointSigner, _ services: BrokerServices, _ metadata: MetadataDatabase, _ submitter: JournalSubmitter?) async throws {
        guard let choice = configuration.evidence.timestamp else { return nil }
        let anchors: [[UInt8]]
        do throws(TrustError) {
            anchors = try AcceptedCertificates.anchors(file: choice.authorities)
        } catch {
            throw CommandFailure.refused(.evidenceFileRefused(choice.authorities, why: error.description))
        }
        client = TimestampClient(url: choice.url, anchors: anchors, certificateFile: choice.serverAuthorities)
        timestamper = CheckpointTimestamper(
            host: signer.host, keys: signer.keys, services: services, journal: metadata, authority: client,
            outageMilliseconds: Int64(choice.outageSecondsMax) * 1000, submitter: submitter)
        interval = .seconds(choice.intervalSeconds)
        do {
            try await timestamper.begin()
        } catch {
            await client.shutDown()
            throw error
        }
    }
}

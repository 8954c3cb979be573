import Broker
import Foundation
import Listeners
import Logging
import ServiceLifecycle
import Storage
import UnixSignals

/// What the broker does by the clock and at SIGHUP, beside its requests.
struct ControlPlane: Service {
    let configuration: BrokerConfiguration
    let services: BrokerServices
    let signer: CheckpointSigner
    let submitter: WitnessSubmitter?
    /// nil where no authority is configured.
    let stamping: Timestamping?
    let reloader: TrustReloader
    let survey: GroupLagSurvey
    let lags: LagSnapshot
    let logger: Logger

    private static let maintenanceInterval: Duration = .seconds(5)
    private static let authorityInterval: Duration = .seconds(60)
    /// A file has to stay as it is for so long before it is taken: whoever writes it may not be done. So a change is in force within two.
    private static let policyInterval: Duration = .seconds(1)
    private static let termInterval: Duration = .seconds(1)
    private static let checkpointInterval: Duration = .seconds(1)
    private static let pruningInterval: Duration = .seconds(10)
    private static let lagInterval: Duration = .seconds(10)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await every(Self.maintenanceInterval) { await services.store.maintain() } }
                group.addTask { await services.groups.run() }
                group.addTask { await every(Self.checkpointInterval) { await signer.tick() } }
                if let submitter { group.addTask { await submitter.run() } }
                let pruning = EvidencePruning(services, witnesses: submitter)
                group.addTask { await every(Self.pruningInterval) { await pruning.tick() } }
                if let stamping { group.addTask { await every(stamping.interval) { await stamping.timestamper.tick() } } }
                group.addTask { await every(Self.lagInterval) { lags.replace(with: await survey.lags()) } }
                group.addTask { await reloadOnSignal() }
                group.addTask { await watchTerms() }
                if let authority = AuthorityUpkeep(configuration, logger: logger) {
                    group.addTask { await every(Self.authorityInterval) { authority.run(at: services.clock.now()) } }
                }
                if let directory = configuration.policyDirectory {
                    group.addTask { await watchPolicy(directory) }
                }
            }
        }
    }

    private func every(_ interval: Duration, _ body: @Sendable () async -> Void) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: interval)
            if !Task.isCancelled { await body() }
        }
    }

    private func reloadOnSignal() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            logger.notice("SIGHUP: reading certificates, revocation lists and agreements again")
            _ = await reloader.reload()
            if let directory = configuration.policyDirectory {
                await PolicyDirectory(directory, Administration(services), logger).apply()
            }
        }
    }

    private func watchTerms() async {
        var watch = TermWatch(services)
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.termInterval)
            if !Task.isCancelled { await watch.tick() }
        }
    }

    private func watchPolicy(_ path: String) async {
        let directory = PolicyDirectory(path, Administration(services), logger)
        var seen = directory.stamp()
        var last = seen
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.policyInterval)
            let now = directory.stamp()
            let isSettled = now == last
            last = now
            guard !Task.isCancelled, isSettled, now != seen else { continue }
            seen = now
            await directory.apply()
        }
    }
}

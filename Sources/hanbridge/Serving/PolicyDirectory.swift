import AccessPolicy
import Broker
import CoreMetrics
import Foundation
import Listeners
import Logging
import Sentences

/// The directory of agreements that broker.yaml names, applied at start and on reload as `policy apply` would.
struct PolicyDirectory: Sendable {
    private let path: String
    private let administration: Administration
    private let logger: Logger
    /// 1 while what the directory holds is not what is in force.
    private let refused = Gauge(label: "hanbridge_policy_directory_refused")

    init(_ path: String, _ administration: Administration, _ logger: Logger) {
        self.path = path
        self.administration = administration
        self.logger = logger
    }

    /// Whole or not at all: a directory that cannot be read or a set with a mistake leaves the agreements as they are.
    func apply() async {
        refused.record(await isApplied() ? 0 : 1)
    }

    private func isApplied() async -> Bool {
        let name = (path as NSString).lastPathComponent
        guard FileManager.default.fileExists(atPath: path) else {
            logger.warning("the agreements' directory \(path) is not there; the agreements stay as they are")
            return false
        }
        let files: [String: String]
        do {
            files = try await whole()
        } catch {
            let why = (error as? CommandFailure)?.sentence.english ?? String(describing: error)
            logger.error("the agreements in \(path) stay as they were: \(why)")
            await administration.agreementsUnreadable(in: name, because: why)
            return false
        }
        switch await administration.applyAgreements(files, by: .directory(name: name)) {
        case .success(let applied):
            for warning in applied.warnings { logger.warning("\(warning)") }
            return true
        case .failure(.unknown(let id)): logger.error("the agreements in \(path) were not applied: there is no agreement \(id)")
        case .failure(.notAllowed(let why)): logger.error("the agreements in \(path) were not applied: \(why)")
        case .failure(.storage(let error)): logger.error("the agreements in \(path) were not applied: \(error)")
        case .failure(.invalid(let problems)):
            for problem in problems { logger.error("agreements: \(problem)") }
            logger.error("the agreements in \(path) have \(problems.count) mistakes; those before stay in force")
        }
        return false
    }

    /// Read while nobody writes: what changes under the hand is read again, a few times.
    private func whole() async throws -> [String: String] {
        var before = stamp()
        for _ in 0..<Self.readsMax {
            let files = try AgreementFiles([path]).texts
            let after = stamp()
            if after == before { return files }
            before = after
            try? await Task.sleep(for: .milliseconds(100))
        }
        throw CommandFailure.refused(.directoryChanging(path))
    }

    private static let readsMax = 5

    /// Changes whenever a file does.
    func stamp() -> [String: TrustReloader.FileStamp] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        var stamps: [String: TrustReloader.FileStamp] = [:]
        for name in names where AgreementFiles.isPart(name) { stamps[name] = systemFileStamp("\(path)/\(name)") }
        return stamps
    }
}

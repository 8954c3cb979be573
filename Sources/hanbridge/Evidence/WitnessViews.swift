import AsyncHTTPClient
import Broker
import Foundation
import Sentences
import Transparency

/// What witnesses themselves show of a log: an operator who serves two histories cannot serve one of them to a witness that saw the other.
struct WitnessViews {
    struct View {
        let name: String
        let witness: TrustPolicy.Witness
        let note: SignedCheckpoint
    }

    private let http: HTTPClient?
    private let asked: [WitnessHTTP]

    /// - Parameter arguments: `NAME=PROFILE`, or `NAME` for one on this machine.
    init(_ arguments: [String], _ policy: TrustPolicy) throws {
        guard !arguments.isEmpty else {
            (http, asked) = (nil, [])
            return
        }
        let addresses = try arguments.map { argument in
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            guard let name = parts.first, !name.isEmpty else { throw CommandFailure.wrongUsage(.auditWitnessWrong(argument)) }
            return try WitnessAddress(name, in: policy, profile: parts.count == 2 ? parts[1] : nil, url: nil)
        }
        let http = WitnessHTTP.client()
        do {
            asked = try addresses.map { try WitnessHTTP($0, http) }
        } catch {
            try? http.syncShutdown()
            throw error
        }
        self.http = http
    }

    /// Those that do not answer are named: an audit that could not ask says so.
    func ask(about origin: KeyName, in language: Language) async -> [View] {
        var views: [View] = []
        for one in asked {
            let name = String(decoding: one.witness.name, as: UTF8.self)
            do throws(WitnessUnreachable) {
                guard let bytes = try await one.checkpoint(of: origin) else { continue }
                guard let note = try? SignedCheckpoint(bytes) else {
                    StandardStream.error.writeLine(Sentence.auditWitnessUnusable(name).text(in: language))
                    continue
                }
                views.append(View(name: name, witness: one.witness, note: note))
            } catch {
                StandardStream.error.writeLine(Sentence.auditWitnessSilent(name, why: error.why).text(in: language))
            }
        }
        return views
    }

    func shutDown() async throws { try await http?.shutdown() }
}

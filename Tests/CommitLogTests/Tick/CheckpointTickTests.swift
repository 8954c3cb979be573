import Foundation
import Storage
import Testing

@Suite("The power goes between any two steps of the checkpoint tick", .serialized)
struct CheckpointTickTests {
    /// HANBRIDGE_SEEDS=20 runs twenty times as many seeds.
    private static let seedFactor = ProcessInfo.processInfo.environment["HANBRIDGE_SEEDS"].flatMap { UInt64($0) } ?? 1

    private func withTemplate(_ body: (_ template: String, _ directory: String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("tick-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(try await TickJournal.template(TickRun.topic, in: directory), directory)
    }

    @Test("No tree of a size is signed twice, what was published is continued, and what was acknowledged is covered")
    func everyStep() async throws {
        try await withTemplate { template, directory in
            let whole = try await TickRun(seed: 1, powerLossAtChange: nil).run(template: template, in: directory)
            #expect(whole.losses.isEmpty)
            // The run does all that it is to be cut off from.
            #expect(whole.seen.published.values.allSatisfy { $0.count >= 3 } && whole.seen.stamped.count >= 2 && whole.seen.contradictions == 0)
            #expect(whole.seen.acknowledged[.witnessed]?.count == 2)
            for at in 1...whole.changes + 1 {
                for seed in 0..<Self.seedFactor {
                    let seed = seed * 1000 + UInt64(at)
                    let losses = try await TickRun(seed: seed, powerLossAtChange: at).run(template: template, in: directory).losses
                    #expect(losses.isEmpty, "seed \(seed), power loss at change \(at)")
                }
            }
        }
    }

    @Test("The mutation: checkpoints that are published before the journal has synced them are noticed")
    func publishedTooSoon() async throws {
        try await withTemplate { template, directory in
            var noticed = 0
            for seed in UInt64(0)..<10 {
                var run = TickRun(seed: seed, powerLossAtChange: nil)
                run.lostCommits = 4 + Int(seed % 3)
                if !(try await run.run(template: template, in: directory).losses.isEmpty) { noticed += 1 }
            }
            #expect(noticed >= 8, "only \(noticed) of 10 runs noticed that the journal had lost what it had answered")
        }
    }

    @Test("The mutation: trees of records that were never synced are noticed")
    func signedTooSoon() async throws {
        try await withTemplate { template, directory in
            var noticed = 0
            for seed in UInt64(0)..<10 {
                var run = TickRun(seed: seed, powerLossAtChange: nil)
                run.syncsAreNoOps = true
                if !(try await run.run(template: template, in: directory).losses.isEmpty) { noticed += 1 }
            }
            #expect(noticed >= 8, "only \(noticed) of 10 runs noticed that nothing was synced")
        }
    }
}

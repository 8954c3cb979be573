import NIOConcurrencyHelpers
import Storage
import Testing
import Transparency

@testable import Witnessing

@Suite("A witness answers as the protocol says")
struct WitnessServiceTests {
    @Test("What continues the last checkpoint is remembered, then cosigned")
    func cosigns() async throws {
        let bench = try WitnessBench()
        var log = TestLog(leaves: 5)
        let first = log.request(from: 0)
        var answer = await bench.add(first)
        #expect(answer.status == 200)
        log.grow(95)
        bench.now.withLockedValue { $0 += 61_000 }
        let second = log.request(from: 5)
        answer = await bench.add(second)
        guard case .cosigned(let lines) = WitnessReply(status: answer.status, body: answer.body) else { throw Unexpected(answer.text) }
        #expect(lines.count == 1)
        let time = Cosignature.time(of: lines[0], on: second.checkpoint.checkpoint, by: bench.witness.verifierKey)
        #expect(time == WitnessBench.start / 1000 + 61)
        // What was cosigned last is shown, with both signatures.
        let shown = try #require(try await bench.witness.checkpoint(of: WitnessedLog.id(of: log.origin)))
        let note = try SignedCheckpoint(shown)
        #expect(note.checkpoint.size == 100 && note.note.signatures.count == 2 && note.note.signatures.contains(lines[0]))
    }

    @Test("Each refusal has its status and body, and leaves the memory as it was")
    func refusals() async throws {
        let bench = try WitnessBench()
        var log = TestLog(leaves: 10)
        #expect(await bench.add(log.request(from: 0, to: 10)).status == 200)
        log.grow(10)
        let before = bench.store.contents.withLockedValue { $0.logs }
        // 400
        #expect(await bench.witness.add(Array("old x\n\n".utf8)).status == 400)
        #expect(await bench.witness.add([UInt8](repeating: 0x61, count: WitnessLimits.requestBytesMax + 1)).status == 400)
        #expect(await bench.add(WitnessRequest(oldSize: 21, proof: [], checkpoint: log.request(from: 0).checkpoint)).status == 400)
        // 403
        #expect(await bench.add(log.request(from: 10, by: SigningKey())).status == 403)
        // 404: another host, and one whose name begins like the pinned one's.
        var other = TestLog(host: "log.hanoi", leaves: 1)
        #expect(await bench.add(other.request(from: 0)).status == 404)
        var longer = TestLog(host: "log.hue.example", leaves: 1)
        #expect(await bench.add(longer.request(from: 0)).status == 404)
        // 409, with the size on a line of its own.
        for old in [0, 9, 11] as [Int64] {
            let answer = await bench.add(WitnessRequest(oldSize: old, proof: [], checkpoint: log.request(from: 0).checkpoint))
            #expect(answer.status == 409 && answer.text == "10\n" && answer.mediaType == "text/x.tlog.size")
        }
        var unknown = TestLog("other", leaves: 3)
        #expect(await bench.add(unknown.request(from: 3)).text == "0\n")
        // 422
        #expect(await bench.add(WitnessRequest(oldSize: 10, proof: [.zero], checkpoint: log.request(from: 10).checkpoint)).status == 422)
        #expect(await bench.add(WitnessRequest(oldSize: 0, proof: [.zero], checkpoint: unknown.request(from: 0).checkpoint)).status == 422)
        #expect(bench.store.contents.withLockedValue { $0.logs } == before)
    }

    @Test("A fork is kept with both signed notes, once, and so are two trees of one size whatever old size came with them")
    func forks() async throws {
        let bench = try WitnessBench()
        var log = TestLog(leaves: 10)
        var fork = TestLog(leaves: 10, seed: 1)
        #expect(await bench.add(log.request(from: 0)).status == 200)
        fork.grow(5)
        for _ in 0..<2 { #expect(await bench.add(fork.request(from: 10, to: 15)).status == 422) }
        #expect(await bench.add(fork.request(from: 10, to: 10)).status == 422)
        #expect(await bench.add(fork.request(from: 0, to: 10)).status == 409)
        let kept = bench.forks.kept.withLockedValue { $0 }
        #expect(kept.map(\.kind) == [.notContinued, .twoTrees])
        let pinned = try #require(PinnedLog(host: TestLog.host, publicKeys: [TestLog.key.publicKey]))
        let honest = log.checkpoint(10)
        for fork in kept {
            #expect(pinned.verification(of: fork.cosigned) == .signed && pinned.verification(of: fork.refused.checkpoint) == .signed)
            #expect(fork.cosigned.checkpoint == honest)
        }
        // A bad proof for what was cosigned contradicts nothing.
        #expect(await bench.add(WitnessRequest(oldSize: 10, proof: [.zero], checkpoint: log.request(from: 0).checkpoint)).status == 422)
        #expect(bench.forks.kept.withLockedValue { $0.count } == 2)
    }

    @Test("Nobody is told of a cosignature that could not be remembered, and it can be asked for again")
    func memoryFails() async throws {
        let bench = try WitnessBench()
        var log = TestLog(leaves: 3)
        bench.store.fail(with: .diskFull)
        let answer = await bench.add(log.request(from: 0))
        #expect(answer.status == 503 && answer.retryAfterSeconds != nil)
        #expect(try await bench.witness.checkpoint(of: WitnessedLog.id(of: log.origin)) == nil)
        bench.store.fail(with: nil)
        #expect(await bench.add(log.request(from: 0)).status == 200)
    }

    @Test("A clock that was set back signs nothing before what it signed")
    func clock() async throws {
        let bench = try WitnessBench()
        var log = TestLog(leaves: 3)
        #expect(await bench.add(log.request(from: 0)).status == 200)
        bench.now.withLockedValue { $0 -= 2_000 }
        #expect(await bench.add(log.request(from: 3)).status == 503)
        bench.now.withLockedValue { $0 += 2_000 }
        #expect(await bench.add(log.request(from: 3)).status == 200)
    }

    @Test("A peer has as many logs as it may have, and not one more")
    func limits() async throws {
        let bench = try WitnessBench(logsMax: 2)
        for (name, status) in [("a", 200), ("b", 200), ("c", 404), ("a", 409)] {
            var log = TestLog(name, leaves: 4)
            #expect(await bench.add(log.request(from: 0)).status == status)
        }
        let pinned = (0...WitnessLimits.peersMax).map { WitnessPeers.Peer(PinnedLog(host: "h\($0)", publicKeys: [TestLog.key.publicKey])!) }  // a host and a key
        _ = try WitnessPeers(Array(pinned.dropLast()))
        #expect(throws: WitnessPeers.Fault.tooMany(WitnessLimits.peersMax + 1)) { try WitnessPeers(pinned) }
        #expect(throws: WitnessPeers.Fault.twice(host: "h0")) { try WitnessPeers([pinned[0], pinned[0]]) }
        for count in [0, WitnessLimits.logsPerPeerCeiling + 1] {
            #expect(throws: WitnessPeers.Fault.logsMax(host: "h0", count)) { try WitnessPeers([.init(pinned[0].log, logsMax: count)]) }
        }
    }

    @Test("As many contradictions of a peer are kept as may be, and the next one is refused all the same")
    func forkLimit() async throws {
        let bench = try WitnessBench()
        var log = TestLog(leaves: 10)
        var fork = TestLog(leaves: 10, seed: 1)
        #expect(await bench.add(log.request(from: 0)).status == 200)
        for _ in 0...WitnessLimits.forksPerPeerMax {
            fork.grow(1)
            #expect(await bench.add(fork.request(from: 10)).status == 422)
        }
        #expect(bench.forks.kept.withLockedValue { $0.count } == WitnessLimits.forksPerPeerMax)
    }

    @Test("So many requests wait, and one more is asked to come again")
    func waitingLimit() async throws {
        let bench = try WitnessBench()
        var log = TestLog(leaves: 1)
        let request = log.request(from: 0)
        bench.store.hold()
        // The first is in work; behind it the others wait, each until it has been counted.
        let answers = await withTaskGroup(of: Int.self) { group in
            group.addTask { await bench.add(request).status }
            await bench.store.waitUntilHeld()
            for _ in 0..<WitnessLimits.requestsWaitingMax { group.addTask { await bench.add(request).status } }
            while await bench.witness.waitingCount < WitnessLimits.requestsWaitingMax { await Task.yield() }
            let refused = await bench.add(request)
            #expect(refused.status == 503 && refused.retryAfterSeconds != nil)
            bench.store.release()
            return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(answers == [200: 1, 409: WitnessLimits.requestsWaitingMax])
    }

    @Test("Of many requests for one log at the same time one continues it, and the others are told where it stands", arguments: 1...5)
    func race(_ round: Int) async throws {
        let bench = try WitnessBench()
        var log = TestLog(leaves: 8)
        #expect(await bench.add(log.request(from: 0)).status == 200)
        var requests: [WitnessRequest] = []
        for _ in 0..<40 {
            log.grow(1)
            requests.append(log.request(from: 8))
        }
        let statuses = await withTaskGroup(of: Int.self) { group in
            for request in requests { group.addTask { await bench.add(request).status } }
            return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(statuses == [200: 1, 409: 39])
        // Those that wait share a commit.
        #expect(bench.store.contents.withLockedValue { $0.puts } == 2)
    }

    private struct Unexpected: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }
}

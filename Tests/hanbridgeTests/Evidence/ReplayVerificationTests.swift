import KafkaWire
import NIOConcurrencyHelpers
import NIOCore
import Sentences
import Testing
import Transparency

@testable import hanbridge

/// What a verified replay lets through, of a log in memory.
@Suite struct ReplayVerificationTests {
    @Test(
        "Records that are those of the log pass, wherever the range begins and ends",
        arguments: [0..<1000, 10..<300, 256..<512, 999..<1000, 700..<700], [false, true])
    func passes(_ offsets: Range<Int>, saysFacts: Bool) async throws {
        try await ServedLog(1000, saysFacts: saysFacts).replay(offsets)
    }

    @Test("Of bundles that pass only facts are read, of those at the range's ends entries too")
    func factsAlone() async throws {
        let log = ServedLog(1000)
        try await log.replay(0..<1000)
        #expect(log.asked.withLockedValue { $0.filter { $0.hasPrefix("stretch/") } } == [])
        try await log.replay(10..<700)
        #expect(log.asked.withLockedValue { $0.filter { $0.hasPrefix("stretch/") } } == ["stretch/0-256", "stretch/512-768"])
    }

    @Test("Facts prove nothing by themselves: wrong, cut short or missing ones cost a look at the entries and change no verdict", arguments: [0, 13, 70, .max])
    func wrongFacts(_ place: Int) async throws {
        for damage in [ServedLog.Damage.absent, .cut, .flipped(place)] {
            var log = ServedLog(1000)
            log.damage = ("facts/0-1000", damage)
            try await log.replay(0..<1000)
            let verification = try await log.verification(0..<1000)
            var bundles = log.bundles(0..<1000)
            bundles[0][5].value = ByteBuffer(string: "another")
            await #expect(throws: CommandFailure.self) { try await verification.judge(bundles[0]) }
        }
    }

    @Test("Keys, values and headers, absent and empty ones, are all of the content that is proven")
    func contents() async throws {
        let headers = [Record.Header(key: "a", value: nil), Record.Header(key: "", value: ByteBuffer()), Record.Header(key: "b", value: ByteBuffer(string: "2"))]
        let records = (0..<600).map { offset in
            Record(
                offset: Int64(offset), timestamp: Int64(offset) - 3, key: [nil, ByteBuffer(), ByteBuffer(string: "k\(offset)")][offset % 3],
                value: offset == 3 ? ByteBuffer(repeating: 7, count: 70_000) : [ByteBuffer(string: "v"), nil, ByteBuffer()][offset % 7 % 3],
                headers: Array(headers.prefix(offset % 4)))
        }
        let log = ServedLog(records)
        try await log.replay(0..<600)
        #expect(log.asked.withLockedValue { $0.allSatisfy { !$0.hasPrefix("stretch/") } })
        for place in 0..<12 {
            let verification = try await log.verification(0..<600)
            var bundle = log.bundles(0..<600)[0]
            switch place % 4 {
            case 0: bundle[place].key = ByteBuffer(string: "other")
            case 1: bundle[place].value = ByteBuffer(string: "other")
            case 2: bundle[place].timestamp += 1
            default: bundle[place].headers.reverse()
            }
            await #expect(throws: CommandFailure.self) { try await verification.judge(bundle) }
        }
    }

    @Test("No more stretches are read ahead than the limit, however slowly bundles are used")
    func stretchesAhead() async throws {
        let log = ServedLog(4096 * 7)
        let reads = NIOLockedValueBox<[String]>([])
        let bundles = BundlesAhead(0..<4096 * 7, size: 4096 * 7) { path in
            if path.hasPrefix("facts/") { reads.withLockedValue { $0.append(path) } }
            return log.bytes(path)
        }
        var used = 0
        while let bundle = try await bundles.next() {
            // Whatever is being read has come.
            for _ in 0..<100 { await Task.yield() }
            used = max(used, Int(bundle.tile.range.lowerBound / 4096))
            #expect(reads.withLockedValue { $0.count } <= used + 1 + BundlesAhead.aheadMax)
        }
        #expect(reads.withLockedValue { $0.count } == 7)
    }

    @Test("Over the bounds of the tiles above, and what the checkpoint does not cover is left out")
    func higherTiles() async throws {
        let log = ServedLog((1 << 16) + 300)
        let offsets = (1 << 16) - 300..<(1 << 16) + 900
        let verification = try await log.verification(offsets)
        #expect(verification.offsets == Int64(1 << 16) - 300..<Int64(1 << 16) + 300)
        for bundle in log.bundles(offsets.clamped(to: 0..<log.records.count)) { try await verification.judge(bundle) }
        try await verification.finish()
    }

    @Test("A record that was changed stops the replay before its bundle is handed on")
    func changed() async throws {
        let log = ServedLog(600)
        let verification = try await log.verification(0..<600)
        var bundles = log.bundles(0..<600)
        bundles[1][5].value = ByteBuffer(string: "another")
        try await verification.judge(bundles[0])
        await #expect(throws: CommandFailure.self) { try await verification.judge(bundles[1]) }
    }

    @Test("A record of another time is never handed on: the producer's is its, and the log's where the topic has that")
    func otherTime() async throws {
        let log = ServedLog(600)
        for (time, passes) in [(7, true), (1_795_372_800_000, true), (8, false), (-1, false)] as [(Int64, Bool)] {
            let verification = try await log.verification(0..<600)
            var bundle = log.bundles(0..<600)[0]
            bundle[5].timestamp = time
            if passes {
                try await verification.judge(bundle)
            } else {
                await #expect(throws: CommandFailure.self, "\(time)") { try await verification.judge(bundle) }
            }
        }
    }

    @Test("Records that are left out are missed: one of a bundle, all of one in the middle, all of the last ones")
    func missing() async throws {
        let log = ServedLog(1000)
        let bundles = log.bundles(0..<1000)
        let one = try await log.verification(0..<1000)
        await #expect(throws: CommandFailure.self) { try await one.judge(Array(bundles[0].dropFirst())) }
        let middle = try await log.verification(0..<1000)
        try await middle.judge(bundles[0])
        await #expect(throws: CommandFailure.self) { try await middle.judge(bundles[2]) }
        let last = try await log.verification(0..<1000)
        try await last.judge(bundles[0])
        await #expect(throws: CommandFailure.self) { try await last.finish() }
    }

    @Test("A record that comes again, out of its order or from elsewhere is never handed on")
    func smuggled() async throws {
        let log = ServedLog(1000)
        let bundles = log.bundles(0..<1000)
        var forged = log.records[5]
        forged.value = ByteBuffer(string: "another")
        for place in [5, 6, 7, 255, 256] {
            let verification = try await log.verification(0..<1000)
            var records = bundles[0]
            records.insert(forged, at: place)
            await #expect(throws: CommandFailure.self, "as number \(place)") { try await verification.judge(records) }
        }
        // Of a bundle that was judged already, and behind the last one.
        for judged in [1, 2, bundles.count] {
            let verification = try await log.verification(0..<1000)
            for bundle in bundles[..<judged] { try await verification.judge(bundle) }
            await #expect(throws: CommandFailure.self, "behind \(judged)") { try await verification.judge([forged]) }
        }
        let part = try await log.verification(300..<1000)
        await #expect(throws: CommandFailure.self) { try await part.judge(log.bundles(290..<512)[0]) }
    }

    @Test("What is left out or cut short lets nothing through", arguments: ["stretch/256-1000", "tile/1/000.p/3", "tile/0/003.p/232"])
    func absent(_ path: String) async throws {
        for isCut in [false, true] {
            var log = ServedLog(1000, saysFacts: false)
            log.damage = (path, isCut ? .cut : .absent)
            await #expect(throws: CommandFailure.self) { try await log.replay(256..<1000) }
        }
    }

    @Test("Entries, salts and tiles that do not lead to the signed root let nothing through", arguments: ["stretch/256-1000", "tile/1/000.p/3", "tile/0/003.p/232"])
    func tampered(_ path: String) async throws {
        for place in [0, 60_000, .max] {
            var log = ServedLog(1000, saysFacts: false)
            log.damage = (path, .flipped(place))
            await #expect(throws: CommandFailure.self) { try await log.replay(256..<1000) }
        }
    }
}

extension ReplayVerification {
    fileprivate func judge(_ records: [Record]) async throws {
        try await judge(records.map { DeliveredRecord(partition: TopicPartition(topic: "permits", partition: 0), record: $0) }[...])
    }
}

private struct ServedLog: Sendable {
    private(set) var records: [Record] = []
    private var entries: [UInt8] = []
    private var salts: [UInt8] = []
    private var levels: [[TreeHash]] = []
    private var state = TreeState()
    private let saysFacts: Bool
    /// What is served wrongly.
    var damage: (path: String, Damage)?
    let asked = NIOLockedValueBox<[String]>([])

    enum Damage: Sendable {
        case absent, cut
        /// At the place, or the last byte.
        case flipped(Int)
    }

    /// Records of a batch, which share what the log says of them.
    private static let batchRecords = 100

    init(_ count: Int, saysFacts: Bool = true) {
        self.init(
            (0..<count).map { Record(offset: Int64($0), timestamp: 7, value: ByteBuffer(string: "permit \($0)")) }, saysFacts: saysFacts)
    }

    init(_ given: [Record], saysFacts: Bool = true) {
        self.saysFacts = saysFacts
        var leaves: [TreeHash] = []
        for (offset, record) in given.enumerated() {
            let salt = [UInt8](repeating: UInt8(truncatingIfNeeded: offset &* 31), count: Commitment.saltBytes)
            let content = RecordFields(record).content ?? []
            let facts = Entry.Facts(
                flags: record.value == nil ? .nullValue : [], offset: record.offset, appendTime: Self.appendTime(record.offset),
                createTime: record.timestamp, leaderEpoch: 3, schemaID: Self.schemaID(offset), contentLength: UInt32(content.count), writer: .zero)
            let entry = Entry(facts: facts, commitment: Commitment.of(content: content, salt: salt))
            records.append(record)
            entries += entry.bytes
            salts += salt
            leaves.append(entry.leaf)
        }
        for growth in state.append(leaves) {
            while levels.count <= growth.level { levels.append([]) }
            levels[growth.level] += growth.hashes
        }
    }

    private static func appendTime(_ offset: Int64) -> Int64 { 1_795_372_800_000 + offset / Int64(batchRecords) }
    private static func schemaID(_ offset: Int) -> Int32 { Int32(offset / batchRecords % 2 == 0 ? -1 : offset) }

    private func facts(_ offsets: Range<Int>) -> [UInt8] {
        var runs: [UInt8] = []
        for batch in offsets.lowerBound / Self.batchRecords...(offsets.upperBound - 1) / Self.batchRecords {
            let own = (batch * Self.batchRecords..<(batch + 1) * Self.batchRecords).clamped(to: offsets)
            let shared = Entry.Facts(
                flags: [], offset: Int64(own.lowerBound), appendTime: Self.appendTime(Int64(own.lowerBound)), createTime: 0, leaderEpoch: 3,
                schemaID: -1, contentLength: 0, writer: .zero)
            let ids = batch % 2 == 0 ? [] : own.map { Self.schemaID($0).bigEndian }
            ids.withUnsafeBytes { ids in
                salts[own.lowerBound * Commitment.saltBytes..<own.upperBound * Commitment.saltBytes].withUnsafeBytes { salts in
                    LeafFacts.append(shared, count: own.count, schemaIDs: ids, salts: salts, to: &runs)
                }
            }
        }
        return runs
    }

    /// As a replay hands them over: bundle by bundle.
    func bundles(_ offsets: Range<Int>) -> [[Record]] {
        let first = offsets.lowerBound >> Tile.height
        let last = offsets.isEmpty ? first : (offsets.upperBound - 1) >> Tile.height + 1
        return (first..<last).map { bundle in Array(records[(bundle << Tile.height..<(bundle + 1) << Tile.height).clamped(to: offsets)]) }
    }

    func verification(_ offsets: Range<Int>) async throws -> ReplayVerification {
        let origin = try #require(LogOrigin(host: "tlog.example", .partition(topic: "permits", topicID: "0b9e7a52c4d14e6f8a3b5c6d7e8f9a01", partition: 0)))
        let checkpoint = Checkpoint(origin: origin.name, size: state.size, root: state.root)
        return try await ReplayVerification(checkpoint, Int64(offsets.lowerBound)..<Int64(offsets.upperBound), .english) { path in
            self.asked.withLockedValue { $0.append(path) }
            guard var bytes = self.bytes(path), let damage, damage.path == path else { return self.bytes(path) }
            switch damage.1 {
            case .absent: return nil
            case .cut: return bytes.dropLast()
            case .flipped(let place):
                bytes[min(place, bytes.count - 1)] ^= 1
                return bytes
            }
        }
    }

    func replay(_ offsets: Range<Int>) async throws {
        let verification = try await verification(offsets)
        for bundle in bundles(offsets) { try await verification.judge(bundle) }
        try await verification.finish()
    }

    func bytes(_ path: String) -> [UInt8]? {
        for kind in ["stretch/", "facts/"] where path.hasPrefix(kind) {
            let bounds = path.dropFirst(kind.count).split(separator: "-").compactMap { Int($0) }
            guard bounds.count == 2, bounds[1] <= records.count else { return nil }
            if kind == "facts/" { return saysFacts ? facts(bounds[0]..<bounds[1]) : nil }
            func part(_ bytes: [UInt8], _ each: Int) -> ArraySlice<UInt8> { bytes[bounds[0] * each..<bounds[1] * each] }
            return Array(part(entries, Entry.sizeBytes) + part(salts, Commitment.saltBytes))
        }
        guard let tile = Tile(path: path) else { return nil }
        guard case .hashes(let level) = tile.content, level < levels.count, tile.range.upperBound <= levels[level].count else { return nil }
        return levels[level][Int(tile.range.lowerBound)..<Int(tile.range.upperBound)].withUnsafeBytes { Array($0) }
    }
}

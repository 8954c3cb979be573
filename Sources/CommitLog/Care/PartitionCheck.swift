import Storage

/// Verifies one partition's directory.
struct PartitionCheck {
    let id: PartitionID
    let disk: any Disk
    let layout: StoreLayout
    let replay: JournalReplay

    init(id: PartitionID, disk: any Disk, layout: StoreLayout, replay: JournalReplay) {
        self.id = id
        self.disk = disk
        self.layout = layout
        self.replay = replay
        tree = TreeCheck(id: id, disk: disk, layout: layout)
    }

    private let tree: TreeCheck

    /// The walk so far.
    private var end: LogEnd?
    private var epoch: Int32 = .min
    /// The largest offset that any frame says was synced.
    private var mark: Int64 = 0
    private var names: [SegmentName] = []

    mutating func run(_ report: inout StoreReport, done: (Int64) -> Void) throws(DiskError) {
        report.partitions += 1
        guard let manifest = try readManifest(&report) else { return }
        names = try disk.list(layout.directory(of: id)).compactMap { SegmentName(file: $0) }.sorted()
        if manifest.logStart > manifest.end.offset || manifest.segments.first.map({ manifest.logStart < $0.baseOffset }) == true {
            problem("the log start \(manifest.logStart) lies outside the log", &report)
        }
        for facts in manifest.segments {
            let name = SegmentName(baseOffset: facts.baseOffset, generation: facts.generation)
            guard names.contains(name) else {
                problem("segment \(name.file) is missing", &report)
                continue
            }
            try walk(name, expected: facts, isLast: facts == manifest.segments.last, &report)
            done(report.bytes)
        }
        if manifest.segments.isEmpty { end = manifest.emptyEnd }
        try walkBehind(manifest, &report)
        try tree.finish(end: end?.offset ?? manifest.end.offset, &report)
        done(report.bytes)
        if let end, mark > end.offset { problem("records from offset \(end.offset) on are missing; below \(mark) they were acknowledged", &report) }
    }

    private func readManifest(_ report: inout StoreReport) throws(DiskError) -> Manifest? {
        do throws(DiskError) {
            let file = try disk.open(layout.manifest(of: id), .read)
            switch Manifest.read(try file.read(Int(try file.size()), at: 0), partition: id) {
            case .manifest(let manifest): return manifest
            case .damaged: problem("the manifest is damaged", &report)
            case .newerVersion(let version): problem("the manifest has version \(version); this program knows \(Manifest.version)", &report)
            }
        } catch {
            guard error.isMissing else { throw error }
            problem("the manifest is missing", &report)
        }
        return nil
    }

    private func problem(_ sentence: String, _ report: inout StoreReport) {
        report.problems.append("partition \(id): \(sentence)")
    }

    /// A segment that the manifest knows: up to its synced mark everything must be there; behind it, in the last one, frames may follow.
    private mutating func walk(
        _ name: SegmentName, expected: SegmentFacts, isLast: Bool, _ report: inout StoreReport
    ) throws(DiskError) {
        let file = try disk.open(layout.segment(name, of: id), .read)
        guard let header = try readHeader(file, name, &report) else { return }
        if let end, header.baseOffset != end.offset || header.previousChecksum != end.checksum {
            problem("segment \(name.file) does not follow the one before it", &report)
        }
        var facts = begin(header)
        let isWhole = try follow(file, name, &facts, limit: expected.endPosition, &report)
        guard isWhole else { return }
        if facts.endOffset != expected.endOffset || facts.lastChecksum != expected.lastChecksum
            || facts.maxTimestamp != expected.maxTimestamp
        {
            problem("segment \(name.file) is not what the manifest says of it", &report)
        }
        try checkIndex(name, facts, file, &report)
        if isLast { try tail(file, name, &facts, &report) }
    }

    /// Segments begun after the manifest was written.
    private mutating func walkBehind(_ manifest: Manifest, _ report: inout StoreReport) throws(DiskError) {
        let known = Set(manifest.segments.map { SegmentName(baseOffset: $0.baseOffset, generation: $0.generation) })
        for name in names where !known.contains(name) {
            guard let end, let header = try successor(name, to: end) else {
                report.remarks.append("partition \(id): \(name.file) is no part of the log; the next start removes it")
                continue
            }
            mark = max(mark, header.durableOffset)
            var facts = begin(header)
            try tail(try disk.open(layout.segment(name, of: id), .read), name, &facts, &report)
        }
    }

    /// The header of a segment that goes on at the log's end, wherever it stands.
    private func successor(_ name: SegmentName, to end: LogEnd) throws(DiskError) -> SegmentHeader? {
        guard name.baseOffset == end.offset else { return nil }
        var reading = SegmentHeader.read(
            try disk.open(layout.segment(name, of: id), .read).read(SegmentHeader.sizeBytes, at: 0), partition: id)
        if case .nothing = reading, let stored = try replay.segmentHeader(name, of: id) {
            reading = SegmentHeader.read(stored, partition: id)
        }
        guard case .header(let header) = reading, header.previousChecksum == end.checksum else { return nil }
        return header
    }

    private func begin(_ header: SegmentHeader) -> SegmentFacts {
        SegmentFacts(
            baseOffset: header.baseOffset, generation: header.identity.generation, previousChecksum: header.previousChecksum,
            endOffset: header.baseOffset, endPosition: Int64(SegmentHeader.sizeBytes), lastChecksum: header.previousChecksum,
            firstAppendTime: end?.appendTime ?? 0, lastAppendTime: end?.appendTime ?? 0)
    }

    private func readHeader(_ file: any DiskFile, _ name: SegmentName, _ report: inout StoreReport) throws(DiskError) -> SegmentHeader? {
        switch SegmentHeader.read(try file.read(SegmentHeader.sizeBytes, at: 0), partition: id) {
        case .header(let header):
            if header.identity.generation == name.generation, header.baseOffset == name.baseOffset { return header }
            problem("segment \(name.file) has another one's header", &report)
        case .nothing, .damaged: problem("the header of segment \(name.file) is damaged", &report)
        case .newerVersion(let version): problem("segment \(name.file) has version \(version)", &report)
        }
        return nil
    }

    /// Verifies frames up to `limit`. False where one is damaged.
    private mutating func follow(
        _ file: any DiskFile, _ name: SegmentName, _ facts: inout SegmentFacts, limit: Int64, _ report: inout StoreReport
    ) throws(DiskError) -> Bool {
        report.segments += 1
        var walker = FrameWalker(
            file: file, identity: SegmentIdentity(partition: id, generation: name.generation), from: facts.endPosition,
            limit: limit, depth: .everything, chunkBytes: 1 << 20)
        while true {
            switch try walker.next() {
            case .frame(let frame, _): try take(frame, name, &facts, &report)
            case .end: return true
            case .nothing, .notCached:
                problem("\(name.file), byte \(facts.endPosition), offset \(facts.endOffset): nothing stands where a frame must be", &report)
                return false
            case .damaged(let damage):
                problem("\(name.file), byte \(facts.endPosition), offset \(facts.endOffset): \(damage.rawValue)", &report)
                return false
            }
        }
    }

    private mutating func take(
        _ frame: FrameView, _ name: SegmentName, _ facts: inout SegmentFacts, _ report: inout StoreReport
    ) throws(DiskError) {
        let header = frame.header
        let place = "\(name.file), byte \(facts.endPosition), offset \(header.baseOffset)"
        if header.baseOffset != facts.endOffset { problem("\(place): offset \(facts.endOffset) was to follow", &report) }
        if header.previousChecksum != facts.lastChecksum { problem("\(place): \(FrameDamage.brokenChain.rawValue)", &report) }
        if header.appendTime < facts.lastAppendTime { problem("\(place): the append time goes back", &report) }
        if header.leaderEpoch < epoch { problem("\(place): the leader epoch goes back", &report) }
        epoch = header.leaderEpoch
        mark = max(mark, header.durableOffset)
        facts.add(header, maxTimestamp: frame.maxTimestamp)
        end = LogEnd(offset: header.nextOffset, checksum: header.checksum, appendTime: header.appendTime)
        report.frames += 1
        report.records += Int64(header.recordCount)
        report.bytes += Int64(header.frameBytes)
        try tree.take(frame, &report)
    }

    /// Behind the synced mark the log ends with zeros, or with an unfinished write.
    private mutating func tail(
        _ file: any DiskFile, _ name: SegmentName, _ facts: inout SegmentFacts, _ report: inout StoreReport
    ) throws(DiskError) {
        let identity = SegmentIdentity(partition: id, generation: name.generation)
        let size = try file.size()
        while true {
            var walker = FrameWalker(file: file, identity: identity, from: facts.endPosition, limit: size, depth: .everything)
            var damage: FrameDamage?
            walking: while true {
                switch try walker.next() {
                case .frame(let frame, _): try take(frame, name, &facts, &report)
                case .end, .nothing, .notCached: break walking
                case .damaged(let found):
                    damage = found
                    break walking
                }
            }
            guard try takeFromJournal(name, &facts, &report) else { return try judge(damage, file, name, facts, &report) }
        }
    }

    /// What the file lacks and the journal has, as far as it belongs to the log: frames whose writing failed are in the journal too, but the
    /// log goes on in a new segment then.
    private mutating func takeFromJournal(
        _ name: SegmentName, _ facts: inout SegmentFacts, _ report: inout StoreReport
    ) throws(DiskError) -> Bool {
        let identity = SegmentIdentity(partition: id, generation: name.generation)
        let end = LogEnd(offset: facts.endOffset, checksum: facts.lastChecksum, appendTime: facts.lastAppendTime)
        guard let frames = try replay.frames(of: identity, at: facts.endPosition) else { return false }
        for other in names where other.generation > name.generation {
            if try successor(other, to: end) != nil { return false }
        }
        let remark = "partition \(id): records of \(name.file) stand in the journal only; the next start copies them"
        if report.remarks.last != remark { report.remarks.append(remark) }
        var failure: DiskError?
        frames.withUnsafeBytes { raw in
            var taken = 0
            while taken < raw.count,
                case .frame(let frame) = FrameView.read(
                    UnsafeRawBufferPointer(rebasing: raw[taken...]), at: facts.endPosition, of: identity, depth: .everything)
            {
                taken += frame.header.frameBytes
                do throws(DiskError) {
                    try take(frame, name, &facts, &report)
                } catch {
                    failure = error
                    return
                }
            }
        }
        if let failure { throw failure }
        return true
    }

    private mutating func judge(
        _ damage: FrameDamage?, _ file: any DiskFile, _ name: SegmentName, _ facts: SegmentFacts, _ report: inout StoreReport
    ) throws(DiskError) {
        let identity = SegmentIdentity(partition: id, generation: name.generation)
        if end == nil { end = LogEnd(offset: facts.endOffset, checksum: facts.lastChecksum, appendTime: facts.lastAppendTime) }
        if let later = try TearJudgement.laterMark(in: file, from: facts.endPosition, of: identity) { mark = max(mark, later) }
        guard let damage else { return }
        let rest = try file.read(Int(min(Int64(FrameHeader.frameBytesMax), try file.size() - facts.endPosition)), at: facts.endPosition)
        let isTear = rest.withUnsafeBytes { TearJudgement.isTearPossible($0, at: facts.endPosition, of: identity) }
        let place = "\(name.file), byte \(facts.endPosition), offset \(facts.endOffset): \(damage.rawValue)"
        if isTear {
            report.remarks.append("partition \(id): \(place): an unfinished write, which the next start cuts off")
        } else {
            problem(place, &report)
        }
    }

    /// An index is only a shortcut, but a wrong one would lead readers astray: each entry must be a frame's place.
    private func checkIndex(
        _ name: SegmentName, _ facts: SegmentFacts, _ file: any DiskFile, _ report: inout StoreReport
    ) throws(DiskError) {
        guard let index = try? disk.open(layout.index(name, of: id), .read) else { return }
        let bytes = try index.read(Int(min(try index.size(), 1 << 20)), at: 0)
        guard let stored = SparseIndex(bytes, generation: facts.generation, endPosition: facts.endPosition) else {
            report.remarks.append("partition \(id): the index of \(name.file) is not up to date and will be rebuilt")
            return
        }
        for entry in stored.entries {
            var walker = FrameWalker(
                file: file, identity: SegmentIdentity(partition: id, generation: name.generation), from: entry.position,
                limit: facts.endPosition, depth: .headers, chunkBytes: 4096)
            guard case .frame(let frame, _) = try walker.next(), frame.header.baseOffset == entry.offset,
                frame.header.appendTime == entry.appendTime
            else { return problem("the index of \(name.file) names a place where no such frame is (byte \(entry.position))", &report) }
        }
    }
}

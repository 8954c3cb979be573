/// Where frames begin in a segment, for about one frame in each interval: by offset, append time and record time at once.
/// Bounded: past `entriesMax` every second entry goes and the interval doubles. A pure function of the frames.
struct SparseIndex: Hashable, Sendable {
    static let entriesMax = 2048
    static let intervalBytesMin: Int64 = 32 << 10

    struct Entry: Hashable, Sendable {
        var offset: Int64
        var position: Int64
        var appendTime: Int64
        /// The largest record timestamp of all frames of the segment before this one.
        var maxTimestampBefore: Int64
    }

    private(set) var entries: [Entry] = []
    private(set) var intervalBytes = SparseIndex.intervalBytesMin

    mutating func add(_ entry: Entry) {
        if let last = entries.last, entry.position - last.position < intervalBytes { return }
        entries.append(entry)
        guard entries.count > Self.entriesMax else { return }
        entries = stride(from: 0, to: entries.count, by: 2).map { entries[$0] }
        intervalBytes *= 2
    }

    /// Without what lies at or behind a position.
    func upTo(_ position: Int64) -> SparseIndex {
        var index = self
        index.entries.removeAll { $0.position >= position }
        return index
    }

    /// Where to begin walking for the frame that holds `offset`.
    func position(ofOffset offset: Int64) -> Int64? {
        last { $0.offset <= offset }?.position
    }

    /// Where to begin walking for the first record with a timestamp of at least `time`.
    func position(beforeRecordTime time: Int64) -> Int64? {
        last { $0.maxTimestampBefore < time }?.position
    }

    /// Where to begin walking for the first frame appended at `time` or later.
    func position(beforeAppendTime time: Int64) -> Int64? {
        last { $0.appendTime < time }?.position
    }

    /// The last entry for which the condition holds, which holds for a prefix of the entries.
    private func last(where holds: (Entry) -> Bool) -> Entry? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if holds(entries[middle]) { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? entries[low - 1] : nil
    }
}

extension SparseIndex {
    private static let magic: UInt32 = 0x4842_4931  // "HBI1"

    /// The index file: which use of the segment's file and how much of it is indexed, then the entries, then a CRC32C.
    func encoded(generation: UInt64, endPosition: Int64) -> [UInt8] {
        var sink = ByteSink()
        sink.append(Self.magic)
        sink.append(generation)
        sink.append(endPosition)
        sink.append(intervalBytes)
        sink.append(UInt32(entries.count))
        for entry in entries {
            sink.append(entry.offset)
            sink.append(entry.position)
            sink.append(entry.appendTime)
            sink.append(entry.maxTimestampBefore)
        }
        sink.append(Checksum.of(sink.bytes))
        return sink.bytes
    }

    /// nil where the bytes are not a whole index of exactly this much of the segment: then it is rebuilt.
    init?(_ bytes: [UInt8], generation: UInt64, endPosition: Int64) {
        guard bytes.count >= 4, let body = Optional(Array(bytes.dropLast(4))),
            bytes.suffix(4).reduce(0 as UInt32, { $0 << 8 | UInt32($1) }) == Checksum.of(body)
        else { return nil }
        var source = ByteSource(body)
        guard source.integer(as: UInt32.self) == Self.magic, source.integer(as: UInt64.self) == generation,
            source.integer(as: Int64.self) == endPosition
        else { return nil }
        intervalBytes = source.integer()
        let count: UInt32 = source.integer()
        guard count <= Self.entriesMax, Int(count) * 32 == source.remaining, intervalBytes > 0 else { return nil }
        entries = (0..<count).map { _ in
            Entry(
                offset: source.integer(), position: source.integer(), appendTime: source.integer(),
                maxTimestampBefore: source.integer())
        }
    }
}

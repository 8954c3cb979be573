import Storage

/// What a journal holds, found at start: recovery asks it for what a segment lacks.
struct JournalReplay: Sendable {
    private struct Place {
        var run: JournalFormat.Run
        var file: any DiskFile
        var offset: Int64
    }

    /// By partition and segment generation.
    private var places: [PartitionID: [UInt64: [Place]]] = [:]
    init() {}

    /// Adds what the journal in `file` holds. A group whose headers do not hold ends its stretch: nothing behind it was
    /// acknowledged from there.
    mutating func add(_ file: any DiskFile) throws(DiskError) {
        guard let header = JournalFormat.Header(try file.read(40, at: 0)) else { return }
        for stretch in 0..<header.stretches {
            var position = header.start(ofStretch: stretch)
            let end = position + header.stretchBytes
            while position + Int64(JournalFormat.groupHeaderBytes) <= end,
                let bytes = try readGroup(file, at: position, end: end, epoch: header.epoch)
            {
                position += bytes
            }
        }
    }

    private mutating func readGroup(
        _ file: any DiskFile, at position: Int64, end: Int64, epoch: UInt64
    ) throws(DiskError) -> Int64? {
        let header = try file.read(JournalFormat.groupHeaderBytes, at: position)
        let (isGroup, count, groupBytes) = header.withUnsafeBytes { raw -> (Bool, Int, Int64) in
            guard raw.count == JournalFormat.groupHeaderBytes, raw.integer(at: 4) == JournalFormat.groupMagic,
                raw.integer(at: 8) == epoch
            else { return (false, 0, 0) }
            return (true, Int(raw.integer(at: 24, as: UInt32.self)), Int64(raw.integer(at: 28, as: UInt32.self)))
        }
        let headersBytes = JournalFormat.groupHeaderBytes + count * JournalFormat.runHeaderBytes
        guard isGroup, position + groupBytes <= end, Int64(headersBytes) <= groupBytes else { return nil }
        let headers = try file.read(headersBytes, at: position)
        let runs = headers.withUnsafeBytes { raw -> [JournalFormat.Run]? in
            guard raw.count == headersBytes,
                raw.integer(at: 0) == Checksum.of(UnsafeRawBufferPointer(rebasing: raw[4...]))
            else { return nil }
            return (0..<count).map {
                JournalFormat.run(in: raw, at: JournalFormat.groupHeaderBytes + $0 * JournalFormat.runHeaderBytes)
            }
        }
        guard let runs, runs.reduce(headersBytes, { $0 + $1.bytes }) == Int(groupBytes) else { return nil }
        var offset = position + Int64(headersBytes)
        for run in runs where run.partition != JournalFormat.nobody {
            places[run.partition, default: [:]][run.generation, default: []].append(Place(run: run, file: file, offset: offset))
            offset += Int64(run.bytes)
        }
        return groupBytes
    }

    func holdsAny(of partition: PartitionID) -> Bool {
        places[partition] != nil
    }

    /// Segments of the partition whose begin is in the journal, for files whose names were lost.
    func segmentsBegun(in partition: PartitionID) -> [SegmentName] {
        (places[partition] ?? [:]).values.flatMap { $0 }.filter { $0.run.position == 0 }
            .map { SegmentName(baseOffset: $0.run.baseOffset, generation: $0.run.generation) }
    }

    /// The segment's first 512 bytes, if its begin is in the journal.
    func segmentHeader(_ name: SegmentName, of partition: PartitionID) throws(DiskError) -> [UInt8]? {
        guard let place = places[partition]?[name.generation]?.first(where: { $0.run.position == 0 })
        else { return nil }
        let bytes = try place.file.read(SegmentHeader.sizeBytes, at: place.offset)
        return bytes.count == SegmentHeader.sizeBytes ? bytes : nil
    }

    /// The verified frames that the journal holds for `position` of the segment, as many as follow one another.
    func frames(of segment: SegmentIdentity, at position: Int64) throws(DiskError) -> [UInt8]? {
        let candidates = places[segment.partition]?[segment.generation] ?? []
        for place in candidates where place.run.position <= position && position < place.run.position + Int64(place.run.bytes) {
            let skipped = position - place.run.position
            let bytes = try place.file.read(place.run.bytes - Int(skipped), at: place.offset + skipped)
            let whole = Self.wholeFrames(bytes, at: position, of: segment)
            if whole > 0 { return Array(bytes[..<whole]) }
        }
        return nil
    }

    private static func wholeFrames(_ bytes: [UInt8], at position: Int64, of segment: SegmentIdentity) -> Int {
        bytes.withUnsafeBytes { raw in
            var whole = 0
            while whole < raw.count {
                let rest = UnsafeRawBufferPointer(rebasing: raw[whole...])
                guard case .frame(let frame) = FrameView.read(rest, at: position + Int64(whole), of: segment, depth: .everything)
                else { break }
                whole += frame.header.frameBytes
            }
            return whole
        }
    }
}

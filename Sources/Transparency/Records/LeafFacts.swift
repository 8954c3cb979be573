/// What a log says of neighbours that came in together besides their records: with it and the records whoever reads both makes the leaves
/// anew, so nobody has to send him entries, or to hash for him. Nothing of it is believed: leaves that were made of anything else do not
/// lead to the signed root.
///
/// A run of them, big-endian:
///
/// ```
///   0  i64  the first one's offset
///   8  u32  how many
///  12  u8   an entry's flags, but bit 0, which each record's value says
///  13  u8   bit 0 lengths are hidden, bit 1 one schema id a record
///  14  i32  leader epoch
///  18  i32  schema id of all; -1 for none, and where bit 1 is set
///  22  i64  append time, ms
///  30  32B  writer
///  62       i32 schema id × count (bit 1), then 16 bytes of salt × count
/// ```
public struct LeafFacts: Sendable {
    public let offsets: Range<Int64>
    /// Those of a value that is not null.
    public let flags: Entry.Flags
    public let hidesLengths: Bool
    public let leaderEpoch: Int32
    /// ms since 1970, by the broker's clock.
    public let appendTime: Int64
    public let writer: TreeHash
    private let schemaID: Int32
    /// Four bytes each; none where all have the same.
    private let schemaIDs: ArraySlice<UInt8>
    /// 16 bytes each.
    private let salts: ArraySlice<UInt8>

    private static let headBytes = 62

    /// The facts of an offset's entry, and its salt.
    /// - Parameters:
    ///   - createTime: as its record says, ms.
    ///   - isNull: whether its record's value is null.
    /// - Precondition: it is one of the offsets.
    public func withFacts<Result>(
        of offset: Int64, createTime: Int64, isNull: Bool, _ body: (Entry.Facts, UnsafeRawBufferPointer) -> Result
    ) -> Result {
        precondition(offsets.contains(offset), "offset \(offset) is none of \(offsets)")
        let place = Int(offset - offsets.lowerBound)
        let facts = Entry.Facts(
            flags: isNull ? flags.union(.nullValue) : flags, offset: offset, appendTime: appendTime, createTime: createTime,
            leaderEpoch: leaderEpoch, schemaID: schemaIDs.isEmpty ? schemaID : schemaIDs.withUnsafeBytes { $0.integer(at: place * 4) },
            contentLength: hidesLengths ? Entry.hiddenLength : 0, writer: writer)
        return salts.withUnsafeBytes { salts in
            body(facts, salts.part(place * Commitment.saltBytes..<(place + 1) * Commitment.saltBytes))
        }
    }
}

extension LeafFacts {
    /// Writes a run behind others.
    /// - Parameters:
    ///   - facts: what they share. Create time and content's length are not looked at, nor is the schema id where each has its own.
    ///   - schemaIDs: four bytes each; none where all have the same.
    ///   - salts: 16 bytes each.
    public static func append(
        _ facts: Entry.Facts, count: Int, schemaIDs: UnsafeRawBufferPointer, salts: UnsafeRawBufferPointer, to bytes: inout [UInt8]
    ) {
        precondition(salts.count == count * Commitment.saltBytes, "\(salts.count) bytes are not the salts of \(count)")
        precondition(schemaIDs.isEmpty || schemaIDs.count == count * 4, "\(schemaIDs.count) bytes are not the schema ids of \(count)")
        bytes.append(bigEndian: facts.offset)
        bytes.append(bigEndian: UInt32(count))
        bytes.append(facts.flags.subtracting(.nullValue).rawValue)
        bytes.append((facts.contentLength == Entry.hiddenLength ? 1 : 0) | (schemaIDs.isEmpty ? 0 : 2))
        bytes.append(bigEndian: facts.leaderEpoch)
        bytes.append(bigEndian: schemaIDs.isEmpty ? facts.schemaID : -1)
        bytes.append(bigEndian: facts.appendTime)
        facts.writer.withUnsafeBytes { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: schemaIDs)
        bytes.append(contentsOf: salts)
    }

    /// Reads what `append` wrote.
    /// - Throws: unless these are whole runs of rising offsets that do not overlap.
    public static func decode(_ bytes: [UInt8]) throws(FormatFault) -> [LeafFacts] {
        var runs: [LeafFacts] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let run = try LeafFacts(at: &rest)
            guard runs.last.map({ $0.offsets.upperBound <= run.offsets.lowerBound }) ?? true else {
                throw FormatFault(.contradiction, at: rest.startIndex)
            }
            runs.append(run)
        }
        return runs
    }

    private init(at rest: inout ArraySlice<UInt8>) throws(FormatFault) {
        let start = rest.startIndex
        guard rest.count >= Self.headBytes else { throw FormatFault(.tooShort, at: rest.endIndex) }
        let form = rest[start + 13]
        guard form <= 3 else { throw FormatFault(.unknownFlags, at: start + 13) }
        flags = Entry.Flags(rawValue: rest[start + 12])
        guard flags.isSubset(of: [.controlRecord, .transactional]) else { throw FormatFault(.unknownFlags, at: start + 12) }
        hidesLengths = form & 1 != 0
        let first: Int64
        let number: UInt32
        (first, number, leaderEpoch, schemaID, appendTime, writer) = rest.withUnsafeBytes { bytes in
            (
                bytes.integer(at: 0), bytes.integer(at: 8), bytes.integer(at: 14), bytes.integer(at: 18), bytes.integer(at: 22),
                TreeHash(reading: bytes.part(30..<Self.headBytes))
            )
        }
        guard first >= 0, number > 0, first <= .max - Int64(number) else { throw FormatFault(.malformedNumber, at: start) }
        offsets = first..<first + Int64(number)
        let count = Int(number)
        let idsEnd = start + Self.headBytes + (form & 2 != 0 ? count * 4 : 0)
        let end = idsEnd + count * Commitment.saltBytes
        guard end <= rest.endIndex else { throw FormatFault(.tooShort, at: rest.endIndex) }
        schemaIDs = rest[start + Self.headBytes..<idsEnd]
        salts = rest[idsEnd..<end]
        rest = rest[end...]
    }
}

/// The body of `tile/entries/<N>`: "sequences of big-endian uint16 length-prefixed log entries" (C2SP tlog-tiles, "Log entries").
public enum EntryBundle {
    /// A full one of ours.
    public static let bytesMax = Tile.widthMax * (2 + Entry.sizeBytes)

    /// - Parameter entries: whole entries one behind the other, at most 256.
    public static func encode(_ entries: ArraySlice<UInt8>) -> [UInt8] {
        precondition(entries.count.isMultiple(of: Entry.sizeBytes), "\(entries.count) bytes are not whole entries")
        var bundle: [UInt8] = []
        bundle.reserveCapacity(entries.count / Entry.sizeBytes * (2 + Entry.sizeBytes))
        var start = entries.startIndex
        while start < entries.endIndex {
            bundle.append(bigEndian: UInt16(Entry.sizeBytes))
            bundle += entries[start..<start + Entry.sizeBytes]
            start += Entry.sizeBytes
        }
        return bundle
    }

    /// Each entry's bytes. What is in them is not looked at: an auditor names a bad entry by its place.
    /// - Throws: unless these are 1 to 256 whole entries of 104 bytes.
    public static func decode(_ bundle: [UInt8]) throws(FormatFault) -> [ArraySlice<UInt8>] {
        guard !bundle.isEmpty else { throw FormatFault(.tooShort, at: 0) }
        guard bundle.count <= bytesMax else { throw FormatFault(.tooLong, at: bytesMax) }
        var entries: [ArraySlice<UInt8>] = []
        var position = 0
        while position < bundle.count {
            guard position + 2 <= bundle.count else { throw FormatFault(.tooShort, at: bundle.count) }
            guard Int(bundle[position]) << 8 | Int(bundle[position + 1]) == Entry.sizeBytes else {
                throw FormatFault(.contradiction, at: position)
            }
            position += 2
            guard position + Entry.sizeBytes <= bundle.count else { throw FormatFault(.tooShort, at: bundle.count) }
            entries.append(bundle[position..<position + Entry.sizeBytes])
            position += Entry.sizeBytes
        }
        return entries
    }
}

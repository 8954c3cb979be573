/// Several notes one behind the other, each with its length before it, 32 bits: how an answer and an exported folder carry a log's cosigned
/// checkpoints. Ours alone; what is in it are notes as C2SP has them.
public enum NoteBundle {
    public static func encode(_ notes: [[UInt8]]) -> [UInt8] {
        notes.reduce(into: []) { bytes, note in
            bytes.append(bigEndian: UInt32(note.count))
            bytes += note
        }
    }

    /// - Throws: where a note is cut off or longer than one can be.
    public static func decode(_ bytes: [UInt8]) throws(FormatFault) -> [[UInt8]] {
        var notes: [[UInt8]] = []
        var position = 0
        while position < bytes.count {
            guard position + 4 <= bytes.count else { throw FormatFault(.tooShort, at: bytes.count) }
            let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= TransparencyLimits.noteBytesMax else { throw FormatFault(.tooLong, at: position) }
            position += 4
            guard position + length <= bytes.count else { throw FormatFault(.tooShort, at: bytes.count) }
            notes.append(Array(bytes[position..<position + length]))
            position += length
        }
        return notes
    }
}

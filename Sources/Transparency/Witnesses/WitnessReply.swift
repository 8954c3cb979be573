/// What a witness answered to `add-checkpoint` (C2SP tlog-witness), as whoever asked reads it.
public enum WitnessReply: Hashable, Sendable {
    /// 200: signature lines. Whose they are, and whether they hold, is still to be seen.
    case cosigned([NoteSignature])
    /// 409: the size of the checkpoint that the witness cosigned last, 0 for none.
    case conflict(size: Int64)
    /// 422: what was sent does not continue what the witness cosigned last.
    case inconsistent
    /// 404: nobody told the witness of this log.
    case unknownOrigin
    /// 403: the log's key is not the one that the witness pins.
    case untrusted
    /// Anything else, or a body that is not what the status promises.
    case unusable(status: Int)

    public init(status: Int, body: [UInt8]) {
        switch status {
        case 200:
            let lines = try? SignedNote.signatures(in: body)
            self = lines.map { $0.isEmpty ? .unusable(status: status) : .cosigned($0) } ?? .unusable(status: status)
        case 409:
            var lines = TextLines(body)
            guard let line = try? lines.next(), lines.isAtEnd, let size = Decimal.decode(line) else {
                self = .unusable(status: status)
                return
            }
            self = .conflict(size: size)
        case 403: self = .untrusted
        case 404: self = .unknownOrigin
        case 422: self = .inconsistent
        default: self = .unusable(status: status)
        }
    }
}

import DequeModule
import NIOCore

/// Names a request of one connection, in the order they came.
struct RequestTicket: Hashable {
    let sequence: UInt64
}

/// Puts answers back into the order of their requests (Kafka protocol guide, "Network": the server answers in the order received).
struct AnswerQueue {
    private enum Slot {
        case waiting(requestBytes: Int)
        case answered(ByteBuffer)
        /// `acks=0`: the place is kept, but nothing is sent.
        case silent
    }

    private var slots = Deque<Slot>()
    /// The sequence of `slots.first`.
    private var headSequence: UInt64 = 0
    /// The rest of an answer that was too large for one write. All its pieces share one storage.
    private var rest: ByteBuffer?

    private(set) var requestsInFlight = 0
    private(set) var requestBytesInFlight = 0
    /// Bytes of answers that are here and not taken yet, those that wait for an earlier one included.
    private(set) var answerBytes = 0
    /// The memory of these answers. An answer's counts until its last piece has left.
    private(set) var storageBytes = 0
    /// The memory of answers whose last piece has left since `takeStorageHandedOut`.
    private var storageBytesHandedOut = 0

    var isEmpty: Bool { slots.isEmpty && rest == nil }

    mutating func open(requestBytes: Int) -> RequestTicket {
        slots.append(.waiting(requestBytes: requestBytes))
        requestsInFlight += 1
        requestBytesInFlight += requestBytes
        return RequestTicket(sequence: headSequence + UInt64(slots.count) - 1)
    }

    /// - Returns: the bytes of the request, which are free now.
    mutating func answer(_ ticket: RequestTicket, with answer: ByteBuffer?) -> Int {
        let index = Int(ticket.sequence - headSequence)
        precondition(ticket.sequence >= headSequence && index < slots.count, "an answer to a request that was never opened or is long answered")
        guard case .waiting(let requestBytes) = slots[index] else {
            preconditionFailure("a request was answered twice")
        }
        requestsInFlight -= 1
        requestBytesInFlight -= requestBytes
        if let answer, answer.readableBytes > 0 {
            slots[index] = .answered(answer)
            answerBytes += answer.readableBytes
            storageBytes += answer.storageCapacity
        } else {
            slots[index] = .silent
        }
        return requestBytes
    }

    /// The next bytes to send: a whole answer, or a piece of one that has more than `bytesMax`.
    mutating func take(bytesMax: Int) -> ByteBuffer? {
        if let piece = takeRest(bytesMax: bytesMax) { return piece }
        while let slot = slots.first {
            switch slot {
            case .waiting:
                return nil
            case .silent:
                dropHead()
            case .answered(let answer):
                dropHead()
                rest = answer
                return takeRest(bytesMax: bytesMax)
            }
        }
        return nil
    }

    mutating func takeStorageHandedOut() -> Int {
        defer { storageBytesHandedOut = 0 }
        return storageBytesHandedOut
    }

    private mutating func dropHead() {
        slots.removeFirst()
        headSequence += 1
    }

    private mutating func takeRest(bytesMax: Int) -> ByteBuffer? {
        guard var answer = rest else { return nil }
        rest = nil
        guard answer.readableBytes > bytesMax, let piece = answer.readSlice(length: bytesMax) else {
            answerBytes -= answer.readableBytes
            storageBytes -= answer.storageCapacity
            storageBytesHandedOut += answer.storageCapacity
            return answer
        }
        rest = answer
        answerBytes -= piece.readableBytes
        return piece
    }
}

import Broker
import NIOCore

/// What one Kafka connection does next. Without effects: `KafkaConnectionHandler` feeds it what happened and does what it says.
///
///     handshaking ──► serving ──► draining ──► closed          every state may go to closed
///
/// The peer is decided in the same step in which the handshake ends, so there is no state between `handshaking` and `serving`
/// in which bytes of an unknown peer could be read.
struct ConnectionStateMachine: ~Copyable {
    private enum Phase {
        case handshaking(deadline: NIODeadline)
        case serving
        /// No new request is read; what is in flight is answered until the deadline.
        case draining(deadline: NIODeadline)
        case closed
    }

    /// Why the connection is not read. The handler reads again when none is left.
    private enum Pause {
        /// Requests or their bytes reached the connection's cap, or answers wait that the client does not take.
        case atConnectionCap
        /// The node's or the broker's budget of request bytes is used up.
        case outOfRoom
        /// A Fetch waits for the one before it.
        case fetchInFlight
    }

    private let limits: ListenerLimits
    private var phase: Phase
    private var pause: Pause?
    private var assembler = FrameAssembler()
    private var queue = AnswerQueue()
    /// Bytes that a frame in the assembler, or one that is held, has taken from the budgets.
    private var grantedBytes = 0
    /// A whole Fetch that came while another one was in flight.
    private var heldFetch: ByteBuffer?
    private var fetchInFlight: RequestTicket?
    private var lastProgress: NIODeadline
    private var frameBegan: NIODeadline?
    private var writeStalledSince: NIODeadline?

    init(limits: ListenerLimits, now: NIODeadline) {
        self.limits = limits
        self.phase = .handshaking(deadline: now + limits.handshakeTimeout)
        self.lastProgress = now
    }

    var isServing: Bool {
        switch phase {
        case .serving: true
        case .handshaking, .draining, .closed: false
        }
    }

    var isClosed: Bool {
        switch phase {
        case .closed: true
        case .handshaking, .serving, .draining: false
        }
    }

    var isPaused: Bool { pause != nil }
    var waitsForRoom: Bool { pause == .outOfRoom }
    var requestsInFlight: Int { queue.requestsInFlight }
    var answerBytes: Int { queue.answerBytes }
    /// The memory of answers that have not wholly left.
    var answerStorageBytes: Int { queue.storageBytes }

    // MARK: Handshake

    enum HandshakeAction: Equatable {
        case serve
        case close(CloseReason)
        case ignore
    }

    mutating func handshakeCompleted(refusal: CloseReason?, now: NIODeadline) -> HandshakeAction {
        switch phase {
        case .handshaking:
            if let refusal {
                phase = .closed
                return .close(refusal)
            }
            phase = .serving
            lastProgress = now
            return .serve
        case .closed:
            return .ignore
        case .serving, .draining:
            preconditionFailure("a second TLS handshake on one connection: renegotiation is switched off")
        }
    }

    // MARK: Requests

    enum FrameAction: Equatable {
        /// All bytes were consumed, or none may be: nothing to do now.
        case wait
        /// Take as many bytes from the budgets, then say `roomGranted` or `roomDenied`.
        case takeRoom(bytes: Int)
        case dispatch(ByteBuffer, RequestTicket)
        case close(CloseReason)
    }

    /// Looks at bytes that came, or at those left since an earlier pause. Called until it answers `wait` or `close`.
    mutating func bytesReceived(_ bytes: inout ByteBuffer, now: NIODeadline) -> FrameAction {
        switch phase {
        case .serving: break
        case .draining, .closed:
            // Requests that come after the broker began to stop are not begun: the client sees the connection end and asks again.
            bytes.clear()
            return .wait
        case .handshaking:
            preconditionFailure("plain bytes before the TLS handshake ended")
        }
        if pause != nil { return .wait }
        if bytes.readableBytes > 0 { lastProgress = now }
        switch assembler.advance(&bytes, frameBytesMax: limits.frameBytesMax) {
        case .needsBytes:
            if assembler.partial == nil {
                frameBegan = nil
            } else if frameBegan == nil {
                frameBegan = now
            }
            return .wait
        case .announced(let length):
            if frameBegan == nil { frameBegan = now }
            if isAtConnectionCap(adding: length) {
                pause = .atConnectionCap
                return .wait
            }
            return .takeRoom(bytes: length)
        case .frame(let frame):
            frameBegan = nil
            return frameCompleted(frame)
        case .invalidLength(let length):
            phase = .closed
            return .close(.frameLength(length, max: limits.frameBytesMax))
        }
    }

    mutating func roomGranted(bytes: Int, allocator: ByteBufferAllocator) {
        grantedBytes += bytes
        assembler.grantRoom(allocator)
    }

    mutating func roomDenied() { pause = .outOfRoom }

    private func isAtConnectionCap(adding bytes: Int) -> Bool {
        queue.requestsInFlight >= limits.requestsInFlightPerConnectionMax
            || queue.requestBytesInFlight + bytes > limits.requestBytesPerConnectionMax
            || queue.answerBytes > limits.answerBytesPerConnectionMax
    }

    private mutating func frameCompleted(_ frame: ByteBuffer) -> FrameAction {
        // Kafka answers one request of a connection at a time. Here only Fetch is kept to that: its answer is the only large one.
        let isFetch = frame.getInteger(at: frame.readerIndex, as: Int16.self) == Self.fetchKey
        if isFetch, fetchInFlight != nil {
            heldFetch = frame
            pause = .fetchInFlight
            return .wait
        }
        return dispatch(frame, isFetch: isFetch)
    }

    private mutating func dispatch(_ frame: ByteBuffer, isFetch: Bool) -> FrameAction {
        let ticket = queue.open(requestBytes: grantedBytes)
        grantedBytes = 0
        if isFetch { fetchInFlight = ticket }
        return .dispatch(frame, ticket)
    }

    /// The API key of Fetch, the first two bytes of its header.
    private static let fetchKey: Int16 = 1

    // MARK: Answers

    enum ReplyAction: Equatable {
        /// Give the bytes back to the budgets; then write what `takeAnswer` has.
        case write(freeing: Int)
        case close(CloseReason, freeing: Int)
        /// The connection is gone, and its bytes were given back when it ended.
        case drop
    }

    mutating func replied(_ ticket: RequestTicket, _ reply: SessionReply) -> ReplyAction {
        switch phase {
        case .closed: return .drop
        case .handshaking: preconditionFailure("an answer before there was a request")
        case .serving, .draining: break
        }
        if fetchInFlight == ticket { fetchInFlight = nil }
        switch reply {
        case .response(let answer):
            return .write(freeing: queue.answer(ticket, with: answer))
        case .noResponse:
            return .write(freeing: queue.answer(ticket, with: nil))
        case .close(let reason):
            let freed = queue.answer(ticket, with: nil)
            phase = .closed
            return .close(.session(reason), freeing: freed)
        }
    }

    /// The next bytes to write, at most `bytesMax`.
    mutating func takeAnswer(bytesMax: Int, now: NIODeadline) -> ByteBuffer? {
        switch phase {
        case .closed, .handshaking: return nil
        case .serving, .draining: break
        }
        guard let bytes = queue.take(bytesMax: bytesMax) else { return nil }
        lastProgress = now
        return bytes
    }

    /// The memory of answers whose last piece `takeAnswer` gave since this was asked last.
    mutating func takeStorageHandedOut() -> Int { queue.takeStorageHandedOut() }

    enum ResumeAction: Equatable {
        case stay
        case read
        case dispatch(ByteBuffer, RequestTicket)
    }

    /// Whether the reason to pause is gone: asked after answers were written and when room came back.
    mutating func resumeIfPossible(now: NIODeadline) -> ResumeAction {
        guard isServing, let reason = pause else { return .stay }
        switch reason {
        case .outOfRoom:
            break
        case .atConnectionCap:
            let announced = max(0, (assembler.partial?.ofBytes ?? 4) - 4)
            guard !isAtConnectionCap(adding: announced) else { return .stay }
        case .fetchInFlight:
            guard fetchInFlight == nil, queue.answerBytes <= limits.answerBytesPerConnectionMax, let frame = heldFetch else {
                return .stay
            }
            heldFetch = nil
            pause = nil
            guard case .dispatch(let frame, let ticket) = dispatch(frame, isFetch: true) else { return .read }
            return .dispatch(frame, ticket)
        }
        pause = nil
        // The time in which we did not read is not the client's.
        lastProgress = now
        if frameBegan != nil { frameBegan = now }
        return .read
    }

    // MARK: Time

    mutating func writabilityChanged(isWritable: Bool, now: NIODeadline) {
        if isWritable {
            writeStalledSince = nil
            lastProgress = now
        } else if writeStalledSince == nil {
            writeStalledSince = now
        }
    }

    /// - Returns: why the connection must end now, or nil.
    mutating func timePassed(now: NIODeadline) -> CloseReason? {
        guard let reason = overdue(now: now) else { return nil }
        phase = .closed
        return reason
    }

    private func overdue(now: NIODeadline) -> CloseReason? {
        switch phase {
        case .closed:
            return nil
        case .handshaking(let deadline):
            return now >= deadline ? .handshakeTimedOut : nil
        case .draining(let deadline):
            return now >= deadline ? .drainTimedOut(requestsInFlight: queue.requestsInFlight) : nil
        case .serving:
            if let stalled = writeStalledSince, now >= stalled + limits.writeStallTimeout {
                return .writeStalled(waitingBytes: queue.answerBytes)
            }
            if pause == nil, let began = frameBegan, let partial = assembler.partial,
                now >= began + requestTimeout(ofBytes: partial.ofBytes)
            {
                return .requestTimedOut(receivedBytes: partial.receivedBytes, ofBytes: partial.ofBytes)
            }
            if pause == nil, queue.isEmpty, now >= lastProgress + limits.idleTimeout { return .idle }
            return nil
        }
    }

    /// A ward's line carries a megabyte in some seconds: large requests get time by their size.
    private func requestTimeout(ofBytes bytes: Int) -> TimeAmount {
        let beyond = max(0, bytes - 4 << 20)
        return limits.requestTimeout + .seconds(Int64(beyond / (64 << 10)))
    }

    // MARK: The end

    enum DrainAction: Equatable {
        case closeNow(CloseReason)
        case wait
    }

    mutating func drainRequested(deadline: NIODeadline) -> DrainAction {
        switch phase {
        case .closed: return .wait
        case .handshaking:
            phase = .closed
            return .closeNow(.drained)
        case .draining: return .wait
        case .serving:
            guard !queue.isEmpty else {
                phase = .closed
                return .closeNow(.drained)
            }
            phase = .draining(deadline: deadline)
            return .wait
        }
    }

    /// Whether a draining connection has sent everything to the transport.
    var isDrained: Bool {
        switch phase {
        case .draining: queue.isEmpty
        case .handshaking, .serving, .closed: false
        }
    }

    /// Ends the connection, whatever it does.
    /// - Returns: the request bytes to give back to the budgets.
    mutating func end() -> Int {
        phase = .closed
        let bytes = grantedBytes + queue.requestBytesInFlight
        grantedBytes = 0
        heldFetch = nil
        queue = AnswerQueue()
        return bytes
    }
}

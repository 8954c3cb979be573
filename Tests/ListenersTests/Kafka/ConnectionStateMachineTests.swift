import Broker
import NIOCore
import Testing

@testable import Listeners

@Suite struct ConnectionStateMachineTests {
    let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    let allocator = ByteBufferAllocator()

    func limits(_ change: (inout ListenerLimits) -> Void = { _ in }) -> ListenerLimits {
        var limits = ListenerLimits()
        limits.frameBytesMax = 100
        limits.requestBytesPerConnectionMax = 200
        change(&limits)
        return limits
    }

    func serving(_ limits: ListenerLimits) -> ConnectionStateMachine {
        var machine = ConnectionStateMachine(limits: limits, now: start)
        #expect(machine.handshakeCompleted(refusal: nil, now: start) == .serve)
        return machine
    }

    func frame(_ body: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeInteger(Int32(body.count))
        buffer.writeBytes(body)
        return buffer
    }

    /// Feeds bytes, grants all room, and gives what was dispatched.
    func feed(_ machine: inout ConnectionStateMachine, _ input: ByteBuffer, at now: NIODeadline) -> [RequestTicket] {
        var input = input
        var tickets: [RequestTicket] = []
        while true {
            switch machine.bytesReceived(&input, now: now) {
            case .wait: return tickets
            case .takeRoom(let bytes): machine.roomGranted(bytes: bytes, allocator: allocator)
            case .dispatch(_, let ticket): tickets.append(ticket)
            case .close(let reason):
                Issue.record("closed: \(reason.sentence)")
                return tickets
            }
        }
    }

    @Test("a handshake that is not finished after its time is ended, and not a moment earlier")
    func handshakeTimeout() {
        var machine = ConnectionStateMachine(limits: limits(), now: start)
        #expect(machine.timePassed(now: start + .seconds(10) - .nanoseconds(1)) == nil)
        #expect(machine.timePassed(now: start + .seconds(10)) == .handshakeTimedOut)
        #expect(machine.isClosed == true)
    }

    @Test("a refused peer never serves")
    func refused() {
        var machine = ConnectionStateMachine(limits: limits(), now: start)
        #expect(machine.handshakeCompleted(refusal: .noCertificate, now: start) == .close(.noCertificate))
        #expect(machine.isClosed == true)
    }

    @Test("a request that trickles one byte a second is ended after its time, however much has come")
    func trickle() {
        var machine = serving(limits())
        var input = frame([UInt8](repeating: 1, count: 50))
        var now = start
        for second in 0..<30 {
            var byte = input.readSlice(length: 1) ?? ByteBuffer()
            feeding: while true {
                switch machine.bytesReceived(&byte, now: now) {
                case .wait: break feeding
                case .takeRoom(let bytes): machine.roomGranted(bytes: bytes, allocator: allocator)
                case .dispatch, .close:
                    Issue.record("second \(second)")
                    return
                }
            }
            #expect(machine.timePassed(now: now) == nil, "second \(second)")
            now = now + .seconds(1)
        }
        #expect(machine.timePassed(now: now) == .requestTimedOut(receivedBytes: 30, ofBytes: 54))
    }

    @Test("half a length that trickles is ended too")
    func trickleInLength() {
        var machine = serving(limits())
        _ = feed(&machine, ByteBuffer(bytes: [0, 0]), at: start)
        #expect(machine.timePassed(now: start + .seconds(29)) == nil)
        #expect(machine.timePassed(now: start + .seconds(30)) == .requestTimedOut(receivedBytes: 2, ofBytes: 4))
    }

    @Test("a large request has more time: a second for each 64 KB beyond 4 MB")
    func largeRequestTime() {
        var machine = serving(
            limits {
                $0.frameBytesMax = 16 << 20
                $0.requestBytesPerConnectionMax = 16 << 20
            })
        var input = ByteBuffer()
        input.writeInteger(Int32(8 << 20) - 4)
        _ = feed(&machine, input, at: start)
        #expect(machine.timePassed(now: start + .seconds(93)) == nil)
        #expect(machine.timePassed(now: start + .seconds(94)) == .requestTimedOut(receivedBytes: 4, ofBytes: 8 << 20))
    }

    @Test("an idle connection ends after its time, one with a request in flight does not")
    func idle() {
        var machine = serving(limits())
        let later = start + .minutes(9)
        let tickets = feed(&machine, frame([0, 3]), at: later)
        #expect(machine.timePassed(now: later + .minutes(60)) == nil)
        #expect(machine.replied(tickets[0], .response(ByteBuffer(bytes: [1]))) == .write(freeing: 2))
        let answered = later + .minutes(60)
        #expect(machine.takeAnswer(bytesMax: 10, now: answered) == ByteBuffer(bytes: [1]))
        #expect(machine.timePassed(now: answered + .minutes(10) - .nanoseconds(1)) == nil)
        #expect(machine.timePassed(now: answered + .minutes(10)) == .idle)
    }

    @Test("at the cap of requests in flight the connection is not read, and one answer later it is")
    func requestsInFlight() {
        var machine = serving(limits { $0.requestsInFlightPerConnectionMax = 3 })
        var input = ByteBuffer()
        for _ in 0..<4 { input.writeImmutableBuffer(frame([0, 3])) }
        var tickets: [RequestTicket] = []
        feeding: while true {
            switch machine.bytesReceived(&input, now: start) {
            case .wait: break feeding
            case .takeRoom(let bytes): machine.roomGranted(bytes: bytes, allocator: allocator)
            case .dispatch(_, let ticket): tickets.append(ticket)
            case .close(let reason): Issue.record("\(reason)"); return
            }
        }
        #expect(tickets.count == 3)
        #expect(machine.isPaused == true)
        #expect(machine.resumeIfPossible(now: start) == .stay)
        _ = machine.replied(tickets[1], .noResponse)
        #expect(machine.resumeIfPossible(now: start) == .read)
        #expect(feed(&machine, input, at: start).count == 1)
    }

    @Test("bytes in flight at the connection's cap are accepted, one more waits")
    func requestBytes() {
        var machine = serving(limits())
        #expect(feed(&machine, frame([UInt8](repeating: 0, count: 100)), at: start).count == 1)
        #expect(feed(&machine, frame([UInt8](repeating: 0, count: 100)), at: start).count == 1)
        #expect(machine.isPaused == false)
        #expect(feed(&machine, frame([0]), at: start).isEmpty)
        #expect(machine.isPaused == true)
        #expect(machine.end() == 200)
    }

    @Test("a client that does not take its answers gets no further request begun")
    func answersWait() {
        var machine = serving(limits { $0.answerBytesPerConnectionMax = 10 })
        let tickets = feed(&machine, frame([0, 3]), at: start)
        _ = machine.replied(tickets[0], .response(ByteBuffer(repeating: 1, count: 11)))
        #expect(feed(&machine, frame([0, 3]), at: start).isEmpty)
        #expect(machine.isPaused == true)
        _ = machine.takeAnswer(bytesMax: 1, now: start)
        #expect(machine.resumeIfPossible(now: start) == .read)
    }

    @Test("a second Fetch waits for the first, and what comes behind it too")
    func oneFetch() {
        var machine = serving(limits())
        let tickets = feed(&machine, frame([0, 1, 0, 12]), at: start)
        #expect(tickets.count == 1)
        #expect(feed(&machine, frame([0, 1, 0, 12]), at: start).isEmpty)
        #expect(machine.isPaused == true)
        #expect(machine.resumeIfPossible(now: start) == .stay)
        _ = machine.replied(tickets[0], .response(ByteBuffer(bytes: [1])))
        guard case .dispatch(let frame, let ticket) = machine.resumeIfPossible(now: start) else {
            Issue.record("the held Fetch was not begun")
            return
        }
        #expect(frame.readableBytes == 4)
        #expect(machine.replied(ticket, .noResponse) == .write(freeing: 4))
        #expect(machine.end() == 0)
    }

    @Test("room that is denied pauses; while paused neither the request's nor the idle time runs")
    func roomDenied() {
        var machine = serving(limits())
        var input = frame([0, 3])
        #expect(machine.bytesReceived(&input, now: start) == .takeRoom(bytes: 2))
        machine.roomDenied()
        #expect(machine.bytesReceived(&input, now: start) == .wait)
        let later = start + .minutes(60)
        #expect(machine.timePassed(now: later) == nil)
        #expect(machine.resumeIfPossible(now: later) == .read)
        #expect(machine.timePassed(now: later) == nil)
        #expect(feed(&machine, input, at: later).count == 1)
    }

    @Test("a client that stops reading in the middle of an answer is ended")
    func writeStalled() {
        var machine = serving(limits())
        machine.writabilityChanged(isWritable: false, now: start)
        #expect(machine.timePassed(now: start + .seconds(59)) == nil)
        machine.writabilityChanged(isWritable: true, now: start + .seconds(59))
        machine.writabilityChanged(isWritable: false, now: start + .seconds(60))
        #expect(machine.timePassed(now: start + .seconds(119)) == nil)
        #expect(machine.timePassed(now: start + .seconds(120)) == .writeStalled(waitingBytes: 0))
    }

    @Test("draining answers what is in flight, begins nothing new, and ends at the deadline")
    func draining() {
        var machine = serving(limits())
        let tickets = feed(&machine, frame([0, 3]), at: start)
        let deadline = start + .seconds(10)
        #expect(machine.drainRequested(deadline: deadline) == .wait)
        #expect(feed(&machine, frame([0, 3]), at: start).isEmpty)
        #expect(machine.isDrained == false)
        #expect(machine.timePassed(now: deadline - .nanoseconds(1)) == nil)
        _ = machine.replied(tickets[0], .response(ByteBuffer(bytes: [5])))
        #expect(machine.isDrained == false)
        #expect(machine.takeAnswer(bytesMax: 10, now: start) == ByteBuffer(bytes: [5]))
        #expect(machine.isDrained == true)
        #expect(machine.timePassed(now: deadline) == .drainTimedOut(requestsInFlight: 0))
    }

    @Test("draining ends an idle connection, and one in its handshake, at once")
    func drainingIdle() {
        var idle = serving(limits())
        #expect(idle.drainRequested(deadline: start) == .closeNow(.drained))
        var handshaking = ConnectionStateMachine(limits: limits(), now: start)
        #expect(handshaking.drainRequested(deadline: start) == .closeNow(.drained))
    }

    @Test("a reply that closes ends the connection and frees its request")
    func closingReply() {
        var machine = serving(limits())
        let tickets = feed(&machine, frame([0, 3]), at: start)
        #expect(machine.replied(tickets[0], .close(reason: "unreadable")) == .close(.session("unreadable"), freeing: 2))
        #expect(machine.end() == 0)
    }

    @Test("a reply after the end is dropped")
    func lateReply() {
        var machine = serving(limits())
        let tickets = feed(&machine, frame([0, 3]), at: start)
        #expect(machine.end() == 2)
        #expect(machine.replied(tickets[0], .response(ByteBuffer(bytes: [1]))) == .drop)
    }
}

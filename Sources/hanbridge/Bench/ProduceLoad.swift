import Atomics
import KafkaWire
import NIOCore

/// Sends frames over one connection, so many in flight, until the common supply is used up. Lives on the connection's event
/// loop: no task, no lock, no timer a request.
final class ProduceLoad {
    private let handler: KafkaClientHandler
    private let frames: [ProduceFrame]
    private let supply: RequestSupply
    private let acks: Int16
    private let promise: EventLoopPromise<LoadResult>
    private var result = LoadResult()
    private var next: Int
    private var inFlight = 0
    private var isOver = false

    init(
        _ handler: KafkaClientHandler, frames: [ProduceFrame], first: Int, supply: RequestSupply, acks: Int16,
        promise: EventLoopPromise<LoadResult>
    ) {
        self.handler = handler
        self.frames = frames
        self.supply = supply
        self.acks = acks
        self.promise = promise
        next = first
    }

    func start(inFlightMax: Int) {
        if acks == 0 { return sendUnanswered() }
        for _ in 0..<inFlightMax { send() }
        finishIfIdle()
    }

    private func send() {
        guard !isOver, supply.take() else { return }
        let frame = frames[next % frames.count]
        next += 1
        inFlight += 1
        let start = NIODeadline.now()
        // The waiter holds the load, and nothing else does: it lives as long as a request is in flight.
        handler.sendAgain(frame.bytes) { answer in self.answered(answer, frame, start) }
    }

    private func answered(_ answer: Result<ByteBuffer, ClientError>, _ frame: ProduceFrame, _ start: NIODeadline) {
        inFlight -= 1
        switch answer {
        case .failure(let error): fail(error)
        case .success(var bytes):
            if let error = Self.error(in: &bytes) { return fail(error) }
            result.answered(after: NIODeadline.now() - start, records: frame.records, bytes: frame.payloadBytes)
            send()
            finishIfIdle()
        }
    }

    /// `acks=0` has no answers: writes as fast as the socket takes, in slices so that the loop turns.
    private func sendUnanswered() {
        for _ in 0..<64 {
            guard supply.take() else {
                promise.succeed(result)
                return
            }
            let frame = frames[next % frames.count]
            next += 1
            handler.sendUnanswered(frame.bytes)
            result.answered(after: .nanoseconds(1), records: frame.records, bytes: frame.payloadBytes)
        }
        handler.whenWritable { self.sendUnanswered() }
    }

    private func finishIfIdle() {
        guard inFlight == 0, !isOver else { return }
        isOver = true
        promise.succeed(result)
    }

    private func fail(_ error: ClientError) {
        guard !isOver else { return }
        isOver = true
        promise.fail(error)
    }

    /// The first error of a produce answer of version 7.
    private static func error(in answer: inout ByteBuffer) -> ClientError? {
        do {
            _ = try ResponseHeader.decode(from: &answer, api: .produce, version: ProduceFrame.version)
            let response = try ProduceResponse.decode(from: &answer, version: ProduceFrame.version, limits: .responses)
            for partition in response.responses.flatMap(\.partitionResponses) where partition.errorCode.isError {
                return .refused(partition.errorCode, message: partition.errorMessage)
            }
            return nil
        } catch {
            return .malformed(error.description)
        }
    }
}

/// How many requests are still to be made, shared by all connections.
final class RequestSupply: Sendable {
    private let left: ManagedAtomic<Int>
    init(_ count: Int) { left = ManagedAtomic(count) }

    func take() -> Bool { left.loadThenWrappingDecrement(ordering: .relaxed) > 0 }
}

import Broker
import NIOCore
import NIOConcurrencyHelpers

@testable import Listeners

/// A session that answers each request with its own bytes: at once, when told, or never. Requests whose first byte is 0xFF want
/// no answer, those with 0xFE end the connection.
final class FakeSession: KafkaSessionHandling {
    struct Held {
        let frame: ByteBuffer
        let reply: (SessionReply) -> Void
    }

    var holds: Bool
    var held: [Held] = []
    var received = 0
    var isClosed = false
    var roomCameBack = 0
    /// What its answers may take, once it is connected.
    var answerRoom: (any AnswerRoom)?
    /// What the answer to every request is made of, instead of the request's own bytes.
    var answer: ByteBuffer?

    init(holds: Bool = false) { self.holds = holds }

    func receive(_ frame: ByteBuffer, reply: @escaping (SessionReply) -> Void) {
        received += 1
        if holds {
            held.append(Held(frame: frame, reply: reply))
        } else {
            reply(Self.reply(to: answer ?? frame))
        }
    }

    func answerRoomCameBack() { roomCameBack += 1 }

    func close() { isClosed = true }

    func answerHeld(_ index: Int) {
        let request = held.remove(at: index)
        request.reply(Self.reply(to: answer ?? request.frame))
    }

    static func reply(to frame: ByteBuffer) -> SessionReply {
        switch frame.getInteger(at: frame.readerIndex, as: UInt8.self) {
        case 0xFF: return .noResponse
        case 0xFE: return .close(reason: "the request said so")
        default:
            var answer = ByteBuffer()
            answer.writeInteger(Int32(frame.readableBytes))
            answer.writeImmutableBuffer(frame)
            return .response(answer)
        }
    }
}

/// A request frame with its length.
func request(_ body: [UInt8]) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeInteger(Int32(body.count))
    buffer.writeBytes(body)
    return buffer
}

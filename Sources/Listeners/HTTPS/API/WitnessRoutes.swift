import Broker
import Hummingbird
import NIOCore
import Sentences
import Storage
import Transparency
import Witnessing

/// The paths of C2SP tlog-witness: one by which logs have their checkpoints cosigned, one that shows what was cosigned last. The protocol's
/// own statuses and bodies; who may ask is settled by the connection, whose log it is by the signature.
struct WitnessRoutes: Sendable {
    private let witness: Witness

    init(_ witness: Witness) { self.witness = witness }

    var all: [Route] { [add, checkpoint] }

    static let requestBytesMax = WitnessLimits.requestBytesMax
    private static let text = "text/plain; charset=utf-8"

    private var add: Route {
        Route(
            method: .post, template: "/witness/add-checkpoint", summary: "Have a log's checkpoint cosigned (C2SP tlog-witness)",
            bodyExample: "old 0\n\n<a signed checkpoint>", bodyTypes: ["text/plain"], bodyBytesMax: Self.requestBytesMax,
            takesAnyMediaType: true, bodyCopies: 2,
            statuses: [
                (200, "The cosignature, a line of a signed note"), (400, "The request is malformed, or its old size beyond its checkpoint"),
                (403, "No valid signature of the log's pinned key"), (404, "The log is not witnessed here"),
                (409, "The old size is not that of the last cosigned checkpoint, which is answered as `text/x.tlog.size`"), (413, "Too large"),
                (422, "The checkpoint is not shown to continue the last cosigned one"), (503, "Too much to do, or the disk; Retry-After says when"),
            ], form: .evidence
        ) { call in
            let answer = await witness.add(Array(call.body.readableBytesView))
            return Route.Answer(
                status: .init(code: answer.status), body: ByteBuffer(bytes: answer.body), mediaType: answer.mediaType,
                retryAfterSeconds: answer.retryAfterSeconds)
        }
    }

    private var checkpoint: Route {
        Route(
            method: .get, template: "/witness/{origin}/checkpoint", summary: "The last checkpoint of a log that was cosigned here, by the SHA-256 of its origin",
            statuses: [(200, "The checkpoint with the log's signature and the witness's"), (404, "Nothing of such a log was cosigned here")], form: .evidence
        ) { call in
            guard let id = TreeHash(hex: call.parameters["origin"] ?? "") else { throw Problem.notFound }
            let note: [UInt8]?
            do throws(StorageError) {
                note = try await witness.checkpoint(of: id)
            } catch {
                throw Problem.storageUnavailable(.told(error.sentence))
            }
            guard let note else { throw Problem.notFound }
            return Route.Answer(body: ByteBuffer(bytes: note), mediaType: Self.text)
        }
    }
}

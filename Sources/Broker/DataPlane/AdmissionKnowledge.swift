import NIOCore
import Storage

/// What was found out for one produce request beyond the snapshots that every request has.
struct AdmissionKnowledge {
    /// Something that has to be waited for.
    enum Lack {
        /// The peer's key is not stored as its own yet.
        case writer
        case originals([OriginalRecord])
        /// What a quarantine holds was not read back since the start.
        case quarantine(Topic)
    }

    var originals: OriginalWriters = [:]
    /// Why the peer's key cannot be stored: nothing that it signs for is appended then.
    var writerError: StorageError?
}

extension KafkaSession {
    /// Finds out what is lacking. On the event loop, as is the answer; it does not come once the connection has ended.
    func find(
        _ lack: AdmissionKnowledge.Lack, beside known: AdmissionKnowledge, answer: @escaping (AdmissionKnowledge) -> Void
    ) {
        var known = known
        switch lack {
        case .writer:
            noteWriter { error in
                known.writerError = error
                answer(known)
            }
        case .originals(let records):
            findOriginals(records) { found in
                known.originals.merge(found) { $0.merging($1) { $1 } }
                answer(known)
            }
        case .quarantine(let topic):
            let eventLoop = eventLoop
            let bound = NIOLoopBound({ [self] in if isOpen { answer(known) } }, eventLoop: eventLoop)
            services.quarantineMemory.whenRead(topic) { eventLoop.execute { bound.value() } }
        }
    }

    private func noteWriter(answer: @escaping (StorageError?) -> Void) {
        let bound = NIOLoopBound(
            { [self] (error: StorageError?) in
                guard isOpen else { return }
                // After a failure this request's batches are refused, and the next one tries again.
                isWriterNoted = error == nil
                answer(error)
            }, eventLoop: eventLoop)
        let (eventLoop, writers, peer) = (eventLoop, services.writers, peer)
        Task {
            var failure: StorageError?
            do throws(StorageError) { try await writers.note(peer) } catch { failure = error }
            eventLoop.execute { [failure] in bound.value(failure) }
        }
    }
}

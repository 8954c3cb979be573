import KafkaWire
import NIOCore
import Storage

/// Who wrote records, by topic and place; nil for a record that is not there.
typealias OriginalWriters = [UUID128: [RecordPlace: Digest256?]]

/// A record that another one corrects.
struct OriginalRecord {
    let topic: Topic
    let place: RecordPlace
}

extension KafkaSession {
    /// Reads who wrote records, one after the other: each costs the memory of its batch. On the event loop, as is the answer, which comes
    /// later in any case; it does not come once the connection has ended.
    func findOriginals(_ wanted: [OriginalRecord], answer: @escaping (OriginalWriters) -> Void) {
        find(wanted[...], found: [:], answer: answer)
    }

    private func find(_ wanted: ArraySlice<OriginalRecord>, found: OriginalWriters, answer: @escaping (OriginalWriters) -> Void) {
        guard let original = wanted.first, let log = original.topic.partition(original.place.partition) else { return answer(found) }
        let next = NIOLoopBound(
            { [self] (writer: Digest256?) in
                guard isOpen else { return }
                var found = found
                found[original.topic.id, default: [:]].updateValue(writer, forKey: original.place)
                find(wanted.dropFirst(), found: found, answer: answer)
            }, eventLoop: eventLoop)
        let eventLoop = eventLoop
        let offset = Offset(original.place.offset)
        log.read(LogReadRequest(from: offset, bytesMax: 1, firstBatchWhole: true)) { result in
            let batch = try? result.get().batches.first { $0.baseOffset <= offset && offset <= $0.lastOffset }
            eventLoop.execute { next.value(batch?.writer) }
        }
    }
}

import KafkaWire
import NIOCore

/// A topic as a fetch request names it: by name, or from version 13 on by id (KIP-516).
enum TopicReference: Hashable {
    case name(String)
    case id(UUID128)
}

/// One partition of a fetch: what the client asks, and in a session what it was last told.
struct FetchItem {
    struct Key: Hashable {
        let topic: TopicReference
        let partition: Int32
    }

    let key: Key
    var offset: Int64
    var bytesMax: Int
    /// -1 where the client does not know it.
    var currentLeaderEpoch: Int32
    /// What the client was last told; -1 makes the next answer name the partition whatever it finds (after an error).
    var toldHighWatermark: Int64 = -1
    var toldLogStart: Int64 = -1

    /// A name that no topic can have is answered but not kept: the budget of all sessions counts partitions, not bytes.
    var isNamedWithinLimits: Bool {
        switch key.topic {
        case .name(let name): name.utf8.count <= Limits.topicNameLengthMax
        case .id: true
        }
    }
}

/// One incremental fetch session (KIP-227): the client sends only what changes in its list of partitions, the broker answers
/// only for those with something new. Owned by the ``FetchSessionCache`` of its event loop.
final class FetchSession {
    let id: Int32
    /// The connection that made it.
    let owner: ObjectIdentifier
    let usesTopicIDs: Bool
    /// The epoch that the next request must carry.
    private(set) var nextEpoch: Int32 = 1
    private(set) var items: [FetchItem] = []
    private var places: [FetchItem.Key: Int] = [:]
    /// Where the next fetch begins to read: behind the last partition that had data, so that a busy partition at the front
    /// of the list does not starve the others.
    var start = 0
    var lastUsed: NIODeadline

    init(id: Int32, owner: ObjectIdentifier, items: [FetchItem], usesTopicIDs: Bool, now: NIODeadline) {
        self.id = id
        self.owner = owner
        self.usesTopicIDs = usesTopicIDs
        lastUsed = now
        for item in items { put(item) }
    }

    /// KIP-227: after 2^31 - 1 comes 1; 0 and -1 have meanings of their own.
    static func epoch(after epoch: Int32) -> Int32 { epoch == .max ? 1 : epoch + 1 }

    func advanceEpoch() { nextEpoch = Self.epoch(after: nextEpoch) }

    /// Adds a partition or changes what is asked of it.
    func put(_ item: FetchItem) {
        guard let place = places[item.key] else {
            places[item.key] = items.count
            items.append(item)
            return
        }
        items[place].offset = item.offset
        items[place].bytesMax = item.bytesMax
        items[place].currentLeaderEpoch = item.currentLeaderEpoch
    }

    func forget(_ key: FetchItem.Key) {
        guard let place = places.removeValue(forKey: key) else { return }
        let last = items.removeLast()
        guard place < items.count else { return }
        items[place] = last
        places[last.key] = place
    }

    /// Notes what the client is told now. A partition that was forgotten meanwhile is not brought back.
    func told(_ key: FetchItem.Key, highWatermark: Int64, logStart: Int64) {
        guard let place = places[key] else { return }
        items[place].toldHighWatermark = highWatermark
        items[place].toldLogStart = logStart
    }

    /// The next fetch begins behind this partition.
    func begin(behind key: FetchItem.Key) {
        guard let place = places[key] else { return }
        start = place + 1 < items.count ? place + 1 : 0
    }
}

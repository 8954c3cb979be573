import HeapModule

/// When each group of a shard wants to be woken. One heap, so that a shard needs one timer however many members it has.
struct GroupDeadlines: Sendable {
    private struct Entry: Comparable, Sendable {
        let deadline: Int64
        let group: String

        static func < (left: Entry, right: Entry) -> Bool {
            (left.deadline, left.group) < (right.deadline, right.group)
        }
    }

    private var heap = Heap<Entry>()
    /// What counts. An entry of the heap that says otherwise is stale and skipped.
    private var current: [String: Int64] = [:]

    var count: Int { current.count }
    /// Stale entries included; bounded by `set`.
    var heapCount: Int { heap.count }

    /// - Parameter deadline: uptime in ms; `Int64.max` for none.
    mutating func set(_ deadline: Int64, for group: String) {
        guard current[group] ?? Int64.max != deadline else { return }
        guard deadline != Int64.max else {
            current[group] = nil
            return
        }
        current[group] = deadline
        heap.insert(Entry(deadline: deadline, group: group))
        // Deadlines that move back and forth must not fill the memory with stale entries.
        if heap.count > 64 + 4 * current.count {
            heap = Heap(current.map { Entry(deadline: $0.value, group: $0.key) })
        }
    }

    /// The groups whose time has come, earliest first; they have no deadline until one is set again.
    mutating func popDue(at uptime: Int64) -> [String] {
        var due: [String] = []
        while let entry = heap.min, entry.deadline <= uptime {
            heap.removeMin()
            guard current[entry.group] == entry.deadline else { continue }
            current[entry.group] = nil
            due.append(entry.group)
        }
        return due
    }

    mutating func earliest() -> Int64? {
        while let entry = heap.min, current[entry.group] != entry.deadline { heap.removeMin() }
        return heap.min?.deadline
    }
}

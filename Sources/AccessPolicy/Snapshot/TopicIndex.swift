/// Finds the agreements that cover a topic without looking at the others: one hash for a name that an agreement spells out,
/// else a binary search among the prefixes. Entries link to the next shorter prefix that covers them too, so the index is
/// linear in the agreements and a look-up walks only what matches.
struct TopicIndex: Sendable {
    struct Entry: Sendable {
        let pattern: TopicPattern
        var grants = GrantTable()
        var denials = GrantTable()
        var owners: Set<String> = []
        /// The entry of the longest shorter prefix; nil for none.
        var parent: Int?
    }

    private(set) var entries: [Entry] = []
    private var literals: [String: Int] = [:]
    /// Sorted; `prefixes[i]` is the prefix of `entries[i]`: prefixes come first among the entries.
    private var prefixes: [String] = []

    init(patterns: Set<TopicPattern>) {
        var names: [String] = []
        for pattern in patterns {
            switch pattern {
            case .prefix(let prefix): prefixes.append(prefix)
            case .literal(let name): names.append(name)
            }
        }
        prefixes.sort()
        var enclosing: [Int] = []
        for (index, prefix) in prefixes.enumerated() {
            while let last = enclosing.last, !prefix.hasPrefix(prefixes[last]) { enclosing.removeLast() }
            entries.append(Entry(pattern: .prefix(prefix), parent: enclosing.last))
            enclosing.append(index)
        }
        for name in names.sorted() {
            literals[name] = entries.count
            entries.append(Entry(pattern: .literal(name), parent: longestPrefix(of: name)))
        }
    }

    /// Adds to the entry of a pattern given to `init`.
    mutating func update(_ pattern: TopicPattern, _ body: (inout Entry) -> Void) {
        let found: Int? =
            switch pattern {
            case .literal(let name): literals[name]
            case .prefix(let prefix): prefixes.firstIndexSorted(notBefore: prefix)
            }
        guard let found, entries[found].pattern == pattern else { preconditionFailure("a topic pattern was not indexed") }
        body(&entries[found])
    }

    /// The most particular entry that covers the topic; its parents cover it too.
    func entry(covering topic: String) -> Int? { literals[topic] ?? longestPrefix(of: topic) }

    /// Every prefix of `topic` that is at most the greatest prefix not after it is a prefix of that one too: whatever sorts between
    /// a prefix of `topic` and `topic` begins with it. So the candidates are one chain of parents.
    private func longestPrefix(of topic: String) -> Int? {
        var index = prefixes.firstIndexSorted(notBefore: topic)
        if index == prefixes.count || prefixes[index] != topic { index -= 1 }
        var candidate: Int? = index >= 0 ? index : nil
        while let found = candidate, !topic.hasPrefix(prefixes[found]) { candidate = entries[found].parent }
        return candidate
    }
}

extension [String] {
    /// The index of the first element of a sorted array that is not before `value`; `count` when all are.
    fileprivate func firstIndexSorted(notBefore value: String) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

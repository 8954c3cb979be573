import Atomics

/// An immutable value that many read and one replaces: the policy, the topic catalogue, the advertised address.
///
/// Reading neither waits nor locks, whatever the writer does; a reader keeps the value that it read for as long as it likes.
/// Who may replace it is written where the box is declared.
public final class SnapshotBox<Snapshot: Sendable>: Sendable {
    private let current: ManagedAtomic<Node>

    public init(_ initial: Snapshot) {
        current = ManagedAtomic(Node(initial))
    }

    public var value: Snapshot { current.load(ordering: .acquiring).snapshot }

    public func replace(with snapshot: Snapshot) {
        current.store(Node(snapshot), ordering: .releasing)
    }

    private final class Node: AtomicReference, Sendable {
        let snapshot: Snapshot
        init(_ snapshot: Snapshot) { self.snapshot = snapshot }
    }
}

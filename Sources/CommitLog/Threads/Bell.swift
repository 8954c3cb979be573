import CLinux

/// What a thread sleeps by until there is work: read it, look for work, wait for a ring after that reading.
///
/// `@unchecked Sendable`: the pointer is constant and its word is only touched by atomic operations.
final class Bell: @unchecked Sendable {
    private let word: UnsafeMutablePointer<UInt32>

    init() {
        word = .allocate(capacity: 1)
        word.initialize(to: 0)
    }

    deinit { word.deallocate() }

    var reading: UInt32 { hb_bell_read(word) }
    func ring() { hb_bell_ring(word) }
    /// May return without a ring: look again.
    func wait(after reading: UInt32) { hb_bell_wait(word, reading, -1) }
}

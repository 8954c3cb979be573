import Foundation

/// The process's stdout or stderr, written whole and unbuffered: a reader of a pipe sees each line when it is written.
struct StandardStream: Sendable {
    static let output = StandardStream(descriptor: 1)
    static let error = StandardStream(descriptor: 2)

    let descriptor: Int32

    /// The reader has closed its end.
    struct Closed: Error {}

    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes as much as the other end takes; what a closed end misses is nobody's loss.
    func write(_ text: String) { try? write(contentsOf: Array(text.utf8)) }
    func writeLine(_ text: String) { write(text.hasSuffix("\n") ? text : text + "\n") }

    /// - Throws: ``Closed`` when nobody reads any more, so that a long command can stop.
    func write(contentsOf bytes: some Collection<UInt8>) throws(Closed) {
        var rest = ArraySlice(bytes)
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                var readiness = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&readiness, 1, 1000)
            } else if errno != EINTR {
                throw Closed()
            }
        }
    }
}

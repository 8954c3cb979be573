import Crypto
import Foundation
import Sentences

/// What this machine can do at best, measured in the same run as the broker: figures without it cannot be compared.
struct MachineLimits: Sendable {
    /// Megabytes (10^6) a second, one core.
    let memoryCopy: Double
    /// AES-128-GCM over TLS-sized pieces, one core.
    let aesGCM: Double
    /// Times a second that 4 KB behind the end of a file can be made durable.
    let durableWrites: Double
    /// TCP over loopback, one connection, sender and receiver on a core each.
    let loopback: Double

    /// - Parameter directory: on the disk whose syncs are to be measured.
    static func measure(directory: String) throws(CommandFailure) -> MachineLimits {
        MachineLimits(
            memoryCopy: memoryCopyRate(), aesGCM: aesGCMRate(), durableWrites: try durableWriteRate(in: directory), loopback: loopbackRate())
    }

    private static let runTime: Duration = .milliseconds(600)

    /// Repeats a piece of work for the run time; answers how often a second.
    private static func rate(_ work: () -> Void) -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        var count = 0.0
        while clock.now - start < runTime {
            work()
            count += 1
        }
        return count / ((clock.now - start) / .seconds(1))
    }

    private static func memoryCopyRate() -> Double {
        // Larger than any cache of the machines this runs on.
        let size = 64 << 20
        let source = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
        let target = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
        defer {
            source.deallocate()
            target.deallocate()
        }
        memset(source, 1, size)
        memset(target, 2, size)
        return rate { memcpy(target, source, size) } * Double(size) / 1e6
    }

    private static func aesGCMRate() -> Double {
        let key = SymmetricKey(size: .bits128)
        let piece = Data(repeating: 7, count: 16_384)
        let perRound = 32
        let rounds = rate { for _ in 0..<perRound { _ = try? AES.GCM.seal(piece, using: key) } }
        return rounds * Double(perRound * piece.count) / 1e6
    }

    private static func durableWriteRate(in directory: String) throws(CommandFailure) -> Double {
        let path = "\(directory)/hanbridge-bench-\(ProcessInfo.processInfo.processIdentifier)"
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .wrongUsage(.fileUnwritable(path, why: String(cString: strerror(errno)))) }
        defer {
            close(file)
            unlink(path)
        }
        // Written ahead, as the broker's segments are: an fdatasync that also grows the file costs two to three times as much.
        let page = [UInt8](repeating: 1, count: 4096)
        let pages = 4096
        for index in 0..<pages { _ = page.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, off_t(index * 4096)) } }
        fdatasync(file)
        var index = 0
        return rate {
            _ = page.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, off_t(index % pages * 4096)) }
            fdatasync(file)
            index += 1
        }
    }

    private static func loopbackRate() -> Double {
        var pair: [Int32] = [-1, -1]
        guard connectedPair(&pair) else { return 0 }
        let (sender, receiver) = (pair[0], pair[1])
        let thread = Thread {
            var buffer = [UInt8](repeating: 0, count: 1 << 18)
            while buffer.withUnsafeMutableBytes({ recv(receiver, $0.baseAddress, $0.count, 0) }) > 0 {}
            close(receiver)
        }
        thread.start()
        let piece = [UInt8](repeating: 3, count: 1 << 18)
        let pieces = rate { _ = piece.withUnsafeBytes { send(sender, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) } }
        close(sender)
        return pieces * Double(piece.count) / 1e6
    }

    /// Two ends of a TCP connection over 127.0.0.1.
    private static func connectedPair(_ pair: inout [Int32]) -> Bool {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { return false }
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(listener, generic, length) == 0, listen(listener, 1) == 0, getsockname(listener, generic, &length) == 0 else { return false }
                pair[0] = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                guard connect(pair[0], generic, length) == 0 else { return false }
                pair[1] = accept(listener, nil, nil)
                return pair[1] >= 0
            }
        }
    }

    var facts: [(String, Sentence, JSONText)] {
        [
            ("machine.memoryCopyMegabytesPerSecond", .benchMemoryCopy, .number(memoryCopy)),
            ("machine.aesGCMMegabytesPerSecond", .benchAES, .number(aesGCM)),
            ("machine.durableWritesPerSecond", .benchDurableWrites, .number(durableWrites)),
            ("machine.loopbackMegabytesPerSecond", .benchLoopback, .number(loopback)),
        ]
    }

    /// With what part of each limit the load reached.
    func facts(megabytesPerSecond: Double, requestsPerSecond: Double) -> [(String, Sentence, JSONText)] {
        facts + [
            ("ratio.aesGCM", .benchRatio("AES-GCM"), .number(megabytesPerSecond / max(aesGCM, 1e-9))),
            ("ratio.loopback", .benchRatio("TCP"), .number(megabytesPerSecond / max(loopback, 1e-9))),
            ("ratio.memoryCopy", .benchRatio("memcpy"), .number(megabytesPerSecond / max(memoryCopy, 1e-9))),
            ("ratio.durableWrites", .benchRatio("fdatasync"), .number(requestsPerSecond / max(durableWrites, 1e-9))),
        ]
    }
}

import Storage

@testable import CommitLog

#if canImport(Glibc)
import Glibc
#endif

/// `@unchecked Sendable`: the node is touched only under the disk's lock.
final class SimulatedFile: DiskFile, @unchecked Sendable {
    private let disk: SimulatedDisk
    private let node: SimulatedDisk.Node
    private let path: String

    init(disk: SimulatedDisk, node: SimulatedDisk.Node, path: String) {
        self.disk = disk
        self.node = node
        self.path = path
        try? disk.box.with { state in
            node.opens += 1
            state.open[ObjectIdentifier(node)] = node
        }
    }

    deinit {
        try? disk.box.with { state in
            node.opens -= 1
            if node.opens == 0 { state.open[ObjectIdentifier(node)] = nil }
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        try disk.box.with { (state) throws(DiskError) in
            if let suffix = state.faults.unreadableSuffix, path.hasSuffix(suffix) {
                throw DiskError(operation: "reading \(path)", code: EIO)
            }
            let count = Self.copy(node.cached, into: buffer, at: position)
            state.counts.readBytes += count
            return count
        }
    }

    func readCached(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        let held = try disk.box.with { $0.faults.nothingIsCached ? 0 : min(buffer.count, $0.faults.cachedBytesMax) }
        return held > 0 ? try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<held]), at: position) : 0
    }

    func readAround(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        try read(into: buffer, at: position)
    }

    func readDevice(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        try disk.box.with { (state) throws(DiskError) in
            if state.faults.deviceIsUnreadable { throw DiskError(operation: "reading \(path) directly", code: EIO) }
            return Self.copy(node.device, into: buffer, at: position)
        }
    }

    private static func copy(_ bytes: [UInt8], into buffer: UnsafeMutableRawBufferPointer, at position: Int64) -> Int {
        guard position < Int64(bytes.count) else { return 0 }
        let count = min(buffer.count, bytes.count - Int(position))
        bytes.withUnsafeBytes { raw in
            UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: raw[Int(position)..<Int(position) + count]))
        }
        return count
    }

    func write(_ pieces: UnsafeBufferPointer<iovec>, at position: Int64) throws(DiskError) {
        try disk.box.with { (state) throws(DiskError) in
            try SimulatedDisk.change(&state, "writing \(path)")
            state.counts.writes += 1
            var isFull = false
            if let at = state.faults.fullAtWrite, state.counts.writes >= at,
                state.counts.writes < state.faults.fullUntilWrite ?? .max
            {
                isFull = true
            }
            if let suffix = state.faults.fullSuffix, path.hasSuffix(suffix) { isFull = true }
            var at = Int(position)
            for (index, piece) in pieces.enumerated() {
                // A disk that fills takes a part of the write before it says so.
                if isFull, index > 0 { break }
                let count = isFull ? piece.iov_len / 2 : piece.iov_len
                let end = at + count
                if node.cached.count < end { node.cached.append(contentsOf: repeatElement(0, count: end - node.cached.count)) }
                node.cached.withUnsafeMutableBytes { raw in
                    UnsafeMutableRawBufferPointer(rebasing: raw[at..<end])
                        .copyMemory(from: UnsafeRawBufferPointer(start: piece.iov_base, count: count))
                }
                node.dirty.append(at..<end)
                at = end
            }
            if isFull { throw DiskError(operation: "writing \(path)", code: ENOSPC) }
        }
    }

    func sync() throws(DiskError) {
        disk.syncGate.pass()
        try disk.box.with { (state) throws(DiskError) in
            try SimulatedDisk.change(&state, "syncing \(path)")
            state.counts.fileSyncs += 1
            if state.counts.fileSyncs == state.faults.failingSync {
                // The pages count as clean from now on: no later sync writes them.
                node.dirty = []
                throw DiskError(operation: "syncing \(path)", code: EIO)
            }
            guard !state.faults.syncsAreNoOps else { return }
            if node.device.count > node.cached.count { node.device.removeLast(node.device.count - node.cached.count) }
            for range in node.dirty {
                let end = min(range.upperBound, node.cached.count)
                guard range.lowerBound < end else { continue }
                if node.device.count < end { node.device.append(contentsOf: repeatElement(0, count: end - node.device.count)) }
                node.device.replaceSubrange(range.lowerBound..<end, with: node.cached[range.lowerBound..<end])
            }
            if node.device.count < node.cached.count {
                node.device.append(contentsOf: repeatElement(0, count: node.cached.count - node.device.count))
            }
            node.dirty = []
        }
    }

    func resize(to bytes: Int64) throws(DiskError) {
        try disk.box.with { (state) throws(DiskError) in
            try SimulatedDisk.change(&state, "resizing \(path)")
            let count = Int(bytes)
            if node.cached.count > count {
                node.cached.removeLast(node.cached.count - count)
            } else {
                node.cached.append(contentsOf: repeatElement(0, count: count - node.cached.count))
            }
        }
    }

    func reserve(_ bytes: Int64, at position: Int64) throws(DiskError) {
        try resize(to: max(try size(), position + bytes))
    }

    func size() throws(DiskError) -> Int64 {
        try disk.box.with { _ in Int64(node.cached.count) }
    }

    func beginSync() {}

    func dropCached(at position: Int64, bytes: Int64) {
        _ = try? disk.box.with { $0.letGo.append((path, position..<position + bytes)) }
    }
}

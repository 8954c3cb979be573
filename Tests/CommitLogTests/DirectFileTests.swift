import CLinux
import Foundation
import NIOConcurrencyHelpers
import Storage
import Testing

@testable import CommitLog

#if canImport(Glibc)
import Glibc
#endif

@Suite("Past the page cache, on a real disk")
struct DirectFileTests {
    private let directory = FileManager.default.temporaryDirectory.path + "/hanbridge-direct-\(UInt64.random(in: 0...UInt64.max))"
    private let disk = LinuxDisk()

    private static func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } }

    @Test("A read around it gives what an ordinary read gives, wherever it begins and ends, aligned or not, after unsynced writes too")
    func readsAround() throws {
        try disk.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let bytes = Self.pattern(70_001)
        let file = try disk.open("\(directory)/file", .create)
        try file.write(bytes, at: 0)
        for (position, count) in [(0, 4096), (0, 8192), (4096, 61_440), (1, 70_000), (4095, 2), (65_536, 8192), (69_632, 4096), (70_001, 4096), (80_000, 10)] {
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 4096)
            defer { memory.deallocate() }
            let got = try file.readAround(into: memory, at: Int64(position))
            #expect(memory[..<got].elementsEqual(bytes[min(position, bytes.count)..<min(position + count, bytes.count)]), "\(position), \(count)")
        }
    }

    @Test("A file whose name is gone is still read")
    func readsDeleted() throws {
        try disk.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let bytes = Self.pattern(10_000)
        let file = try disk.open("\(directory)/file", .create)
        try file.write(bytes, at: 0)
        try disk.remove("\(directory)/file")
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 8192, alignment: 4096)
        defer { memory.deallocate() }
        #expect(try file.readAround(into: memory, at: 0) == 8192)
        #expect(memory.elementsEqual(bytes[..<8192]))
    }

    @Test("Pieces of any length are written as whole blocks, filled up with zeros, also where they are more than its memory")
    func writesBlocks() throws {
        try disk.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try disk.open("\(directory)/file", .create).write(Self.pattern(100), at: 0)
        let writer = BlockWriter(file: try disk.open("\(directory)/file", .direct))
        var expected: [UInt8] = []
        for lengths in [[1], [4096], [4095, 1, 1], [100, 0, 8000, 92], [3 << 20, 5, (2 << 20) + 1], [10]] {
            let bytes = Self.pattern(lengths.reduce(0, +))
            let position = Int64(expected.count)
            try bytes.withUnsafeBytes { raw in
                var from = 0
                let pieces = lengths.map { length in
                    defer { from += length }
                    return iovec(iov_base: UnsafeMutableRawPointer(mutating: raw.baseAddress! + from), iov_len: length)
                }
                try pieces.withUnsafeBufferPointer { try writer.write($0, at: position) }
            }
            expected += bytes + [UInt8](repeating: 0, count: -bytes.count & 4095)
        }
        #expect(try disk.open("\(directory)/file", .read).read(expected.count + 1, at: 0) == expected)
    }

    @Test("What is written and let go piece by piece leaves the page cache, pieces of memory over the borders among it")
    func letsGo() throws {
        try disk.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = "\(directory)/file"
        let file = try disk.open(path, .create)
        let piece = Self.pattern(256 << 10)
        let pieces = 32
        // Behind a segment's header: no piece ends where a page does.
        for index in 0..<pieces { try file.write(piece, at: 512 + Int64(index * piece.count)) }
        try file.sync()
        for index in 0..<pieces { file.dropCached(at: 512 + Int64(index * piece.count), bytes: Int64(piece.count)) }
        let left = try cachedPages(of: path)
        file.dropCached(at: 0, bytes: 1 << 30)
        // tmpfs keeps what it has: there is nowhere else.
        guard try cachedPages(of: path) == 0 else { return }
        // The last page is not whole.
        #expect(left <= 512, "\(left) pages of \(pieces * piece.count / 4096)")
    }

    private func cachedPages(of path: String) throws -> Int {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        let bytes = Int(lseek(descriptor, 0, SEEK_END))
        let memory = try #require(mmap(nil, bytes, PROT_READ, MAP_SHARED, descriptor, 0))
        defer { munmap(memory, bytes) }
        var pages = [UInt8](repeating: 0, count: (bytes + 4095) / 4096)
        #expect(mincore(memory, bytes, &pages) == 0)
        return pages.count { $0 & 1 != 0 }
    }

    @Test("A cold read of any size and place takes whole batches, verified, from around the page cache")
    func coldReads() throws {
        let bench = try Bench()
        let partition = try bench.partition(0)
        for index in 0..<12 { _ = bench.appendNow(partition, Batches.make(["\(index)"], valueBytes: 100_000)) }
        let segment = try #require(partition.view.withLockedValue { $0.segments.first })
        #expect(segment.coldEnd == Int64(SegmentHeader.sizeBytes))
        segment.noteLetGo(below: segment.facts.endPosition)
        for from in 0..<Int64(12) {
            let slice = try bench.read(partition, from: from, bytesMax: 1 << 20).get()
            #expect(slice.batches.first?.baseOffset.rawValue == from)
            #expect(slice.batches.count == min(10, 12 - Int(from)))
        }
        #expect(try bench.keys(partition).count == 12)
    }
}

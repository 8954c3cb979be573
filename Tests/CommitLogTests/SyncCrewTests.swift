import NIOConcurrencyHelpers
import Testing

@testable import CommitLog

@Suite("Syncs side by side")
struct SyncCrewTests {
    @Test("Every file is synced once, and each failure is told of its own file", arguments: [1, 3, 4, 257], [true, false])
    func eachOnce(count: Int, isStepped: Bool) throws {
        let disk = SimulatedDisk()
        let files = try (0..<count).map { try disk.open("file-\($0)", .create) }
        let crew = SyncCrew(isStepped: isStepped)
        defer { crew.close() }
        #expect(crew.sync(files).allSatisfy { $0 == nil })
        #expect(disk.counts.fileSyncs == count)
        disk.set { $0.failingSync = count + count }
        let failures = crew.sync(files)
        #expect(failures.count == count)
        #expect(failures.compacted().count == 1)
        if isStepped { #expect(failures.last ?? nil != nil) }
    }

    @Test("A crew that is closed leaves the work to the thread that asks")
    func closed() throws {
        let disk = SimulatedDisk()
        let files = try (0..<20).map { try disk.open("file-\($0)", .create) }
        let crew = SyncCrew(isStepped: false)
        crew.close()
        #expect(crew.sync(files).allSatisfy { $0 == nil })
        #expect(disk.counts.fileSyncs == 20)
    }

    @Test("Work is done once for each index, and all of it has ended before the crew says so", arguments: [0, 1, 2, 500], [true, false])
    func eachIndex(count: Int, isStepped: Bool) {
        let crew = SyncCrew(isStepped: isStepped)
        defer { crew.close() }
        let done = NIOLockedValueBox([Int](repeating: 0, count: count))
        crew.forEach(count) { index in done.withLockedValue { $0[index] += 1 } }
        #expect(done.withLockedValue { $0 } == [Int](repeating: 1, count: count))
    }

    @Test("No files are no work")
    func nothing() {
        #expect(SyncCrew(isStepped: true).sync([]).isEmpty)
    }
}

extension [DiskError?] {
    fileprivate func compacted() -> [DiskError] { compactMap { $0 } }
}

import NIOConcurrencyHelpers

/// The open segment files, least recently used closed first. A file stays open as long as somebody holds it, so eviction never
/// pulls one away from a reader or from the syncs that it waits for.
final class OpenFiles: Sendable {
    private struct State {
        var files: [String: (file: any DiskFile, lastUse: UInt64)] = [:]
        var uses: UInt64 = 0
    }

    private let disk: any Disk
    private let countMax: Int
    private let state = NIOLockedValueBox(State())

    init(disk: any Disk, countMax: Int) {
        self.disk = disk
        self.countMax = max(countMax, 8)
    }

    func file(_ path: String) throws(DiskError) -> any DiskFile {
        if let file = state.withLockedValue({ state -> (any DiskFile)? in
            state.uses += 1
            guard let index = state.files.index(forKey: path) else { return nil }
            state.files.values[index].lastUse = state.uses
            return state.files.values[index].file
        }) {
            return file
        }
        let file = try disk.open(path, .readWrite)
        keep(file, path)
        return file
    }

    func keep(_ file: any DiskFile, _ path: String) {
        state.withLockedValue { state in
            state.uses += 1
            state.files[path] = (file, state.uses)
            guard state.files.count > countMax else { return }
            // An eighth at once, so that the search for the oldest is rare.
            let uses = state.files.values.map(\.lastUse).sorted()
            let boundary = uses[max(1, countMax / 8)]
            state.files = state.files.filter { $0.value.lastUse >= boundary }
        }
    }

    func forget(_ path: String) {
        state.withLockedValue { _ = $0.files.removeValue(forKey: path) }
    }

    func forgetAll() {
        state.withLockedValue { $0.files.removeAll() }
    }
}

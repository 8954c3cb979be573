import CLinux

#if canImport(Glibc)
import Glibc
#endif

/// The real disk.
struct LinuxDisk: Disk {
    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        let descriptor =
            switch mode {
            case .read: hb_open_read(path, 0)
            case .readWrite: hb_open_write(path, 0, 0)
            case .create: hb_open_write(path, 1, 1)
            case .createOrOpen: hb_open_write(path, 1, 0)
            case .direct: Self.openDirect(path)
            }
        guard descriptor >= 0 else { throw DiskError(operation: "opening \(path)", code: errno) }
        return LinuxFile(descriptor: descriptor, path: path)
    }

    /// tmpfs and some overlays know no O_DIRECT.
    private static func openDirect(_ path: String) -> Int32 {
        let direct = hb_open_write_direct(path)
        return direct < 0 && errno == EINVAL ? hb_open_write(path, 0, 0) : direct
    }

    func list(_ directory: String) throws(DiskError) -> [String] {
        guard let stream = opendir(directory) else { throw DiskError(operation: "listing \(directory)", code: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    func makeDirectory(_ path: String) throws(DiskError) {
        guard mkdir(path, 0o750) == 0 || errno == EEXIST else { throw DiskError(operation: "making \(path)", code: errno) }
    }

    func rename(_ path: String, to destination: String) throws(DiskError) {
        guard Glibc.rename(path, destination) == 0 else { throw DiskError(operation: "renaming \(path)", code: errno) }
    }

    func exchange(_ path: String, with destination: String) throws(DiskError) {
        if hb_exchange(path, destination) == 0 { return }
        switch errno {
        case ENOENT, EINVAL, ENOSYS: try rename(path, to: destination)
        default: throw DiskError(operation: "exchanging \(path)", code: errno)
        }
    }

    func remove(_ path: String) throws(DiskError) {
        guard unlink(path) == 0 else { throw DiskError(operation: "removing \(path)", code: errno) }
    }

    func removeDirectory(_ path: String) throws(DiskError) {
        guard rmdir(path) == 0 else { throw DiskError(operation: "removing \(path)", code: errno) }
    }

    func syncDirectory(_ path: String) throws(DiskError) {
        let descriptor = hb_open_read(path, 0)
        guard descriptor >= 0 else { throw DiskError(operation: "opening \(path)", code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw DiskError(operation: "syncing \(path)", code: errno) }
    }

    func space(at path: String) throws(DiskError) -> DiskSpace {
        var available: UInt64 = 0
        var total: UInt64 = 0
        guard hb_disk_space(path, &available, &total) == 0 else {
            throw DiskError(operation: "asking for the space of \(path)", code: errno)
        }
        return DiskSpace(availableBytes: available, totalBytes: total)
    }

    func lock(_ path: String) throws(DiskError) -> any AnyObject & Sendable {
        let descriptor = hb_open_write(path, 1, 0)
        guard descriptor >= 0 else { throw DiskError(operation: "opening \(path)", code: errno) }
        let file = LinuxFile(descriptor: descriptor, path: path)
        guard hb_lock_exclusively(descriptor) == 0 else { throw DiskError(operation: "locking \(path)", code: errno) }
        return file
    }
}

import Foundation

/// What a process has used, from /proc (proc(5)).
struct ProcessUsage: Sendable {
    let pid: Int32

    struct Reading: Sendable {
        /// User and system time together.
        let cpuSeconds: Double
        let residentBytes: Int
    }

    /// nil when the process is gone or not ours to look at.
    func read() -> Reading? {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let statm = try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8),
            // The command's name, in parentheses, may contain anything: fields are counted from behind it.
            let end = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        let pages = statm.split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]), pages.count > 1, let resident = Int(pages[1])
        else { return nil }
        return Reading(
            cpuSeconds: (user + system) / Double(sysconf(Int32(_SC_CLK_TCK))), residentBytes: resident * Int(sysconf(Int32(_SC_PAGESIZE))))
    }
}

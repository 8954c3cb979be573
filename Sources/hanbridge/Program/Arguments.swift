import CLinux

/// What the program was called with, its own name first. `CommandLine.arguments` has them from /proc/self/cmdline, and none where that is not
/// mounted: an auditor may verify in an empty root folder.
enum Arguments {
    static let all: [String] = {
        let known = CommandLine.arguments
        return known.isEmpty ? (0..<hb_argument_count()).map { String(cString: hb_argument($0)) } : known
    }()
}

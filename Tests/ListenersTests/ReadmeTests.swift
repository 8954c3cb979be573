import Foundation
import NIOCore
import Testing

@testable import Listeners

@Suite("README")
struct ReadmeTests {
    @Test("The README's table of limits has every limit of the listeners with its value")
    func limits() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        let mirror = Mirror(reflecting: ListenerLimits())
        #expect(!mirror.children.isEmpty)
        for child in mirror.children {
            guard let name = child.label else { continue }
            let value: String
            switch child.value {
            case let count as Int: value = String(count)
            case let time as TimeAmount where time.nanoseconds % 1_000_000_000 == 0: value = "\(time.nanoseconds / 1_000_000_000) s"
            case let time as TimeAmount: value = "\(time.nanoseconds / 1_000_000) ms"
            default: value = "?"
            }
            #expect(text.contains("| `\(name)` | \(value) |"), "README.md lacks: | `\(name)` | \(value) |")
        }
    }
}

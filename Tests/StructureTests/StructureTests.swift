import Foundation
import Testing

/// Rules about the text of the project that no compiler holds.
@Suite("Structure")
struct StructureTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private struct SourceFile {
        /// From the package's root.
        let path: String
        let text: String
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    }

    private static func files(under folders: [String], named suffixes: [String] = [".swift"]) throws -> [SourceFile] {
        try folders.flatMap { folder -> [SourceFile] in
            let base = root.appending(path: folder)
            let names = FileManager.default.enumerator(atPath: base.path())?.compactMap { $0 as? String } ?? []
            return try names.filter { name in suffixes.contains { name.hasSuffix($0) } }.sorted().map {
                SourceFile(path: "\(folder)/\($0)", text: try String(contentsOf: base.appending(path: $0), encoding: .utf8))
            }
        }
    }

    @Test("Only the admission pipeline can make an AdmittedBatch")
    func admission() throws {
        let importers = try Self.files(under: ["Sources"]).filter { $0.text.contains("@_spi(Admission)") }.map(\.path)
        #expect(importers.sorted() == ["Sources/Broker/Admission/AdmissionPipeline.swift", "Sources/Storage/AdmittedBatch.swift"])
    }

    @Test("Pure modules import no clock, no file and no socket, and hold no lock")
    func pureModules() throws {
        let forbidden = [
            "NIOPosix", "NIOConcurrencyHelpers", "Synchronization", "Atomics", "Glibc", "Dispatch", "NIOSSL", "Logging", "CoreMetrics", "CLinux",
        ]
        for file in try Self.files(under: ["KafkaWire", "MessageSchema", "AccessPolicy", "Transparency", "Storage", "Sentences", "RecordText", "ZipArchive"].map { "Sources/\($0)" }) {
            for line in file.lines {
                let words = line.split(separator: " ").map(String.init)
                guard let place = words.firstIndex(of: "import"), place + 1 < words.count, place <= 1 else { continue }
                #expect(!forbidden.contains(words[place + 1]), "\(file.path): \(line)")
            }
        }
    }

    @Test("A record finds its schema and is checked without a lock: the registry is a snapshot, read with one atomic load a request")
    func schemaLookup() throws {
        let way = [
            "Broker/Admission/", "Broker/Registry/SchemaRegistry", "Broker/Registry/RegisteredSchema", "Broker/Session/RequestMoment",
            "Broker/SnapshotBox", "MessageSchema/",
        ].map { "Sources/\($0)" }
        let files = try Self.files(under: ["Sources/Broker", "Sources/MessageSchema"]).filter { file in way.contains { file.path.hasPrefix($0) } }
        #expect(way.allSatisfy { part in files.contains { $0.path.hasPrefix(part) } })
        for file in files {
            #expect(!["Lock", "Mutex", "Semaphore"].contains { file.text.contains($0) }, "\(file.path)")
        }
    }

    @Test("Nothing is forced without a sentence that proves it")
    func nothingForced() throws {
        let forced = ["try" + "!", "as" + "!", "@unchecked " + "Sendable", "nonisolated" + "(unsafe)"]
        for file in try Self.files(under: ["Sources", "Tests"]) {
            for (number, line) in file.lines.enumerated() where forced.contains(where: line.contains) {
                let before = file.lines[max(0, number - 6)..<number]
                let isExplained = line.contains("//") || before.contains { $0.contains("//") }
                #expect(isExplained, "\(file.path):\(number + 1) forces without a comment that says why it holds")
            }
        }
    }

    @Test("Each module has a lead file that says what it is for")
    func leadFiles() throws {
        let modules = ["KafkaWire", "MessageSchema", "AccessPolicy", "Transparency", "ZipArchive", "RecordText", "Storage", "CommitLog", "Metadata", "Identity", "Witnessing", "Broker", "Listeners"]
        for module in modules {
            let path = Self.root.appending(path: "Sources/\(module)/\(module).swift")
            let lines = ((try? String(contentsOf: path, encoding: .utf8)) ?? "").split(separator: "\n")
            let opening = lines.prefix { $0.hasPrefix("//") }.count
            #expect((10...40).contains(opening), "Sources/\(module)/\(module).swift opens with \(opening) lines of comment")
        }
    }

    @Test("Every Kafka API has its numbered file, with a header that names versions and rights")
    func handlerFiles() throws {
        let files = try Self.files(under: ["Sources/Broker/Handlers"]).filter { file in
            file.path.split(separator: "/").last?.first?.isNumber == true
        }
        #expect(files.count == 32)
        for file in files {
            let header = file.lines.prefix(40).joined(separator: "\n")
            #expect(header.contains("//"), "\(file.path) has no header")
        }
    }

    @Test("No file uses a vague name")
    func names() throws {
        let vague = ["Manager", "Helper", "Util", "Utils", "Impl"]
        for file in try Self.files(under: ["Sources", "Tests"]) {
            let name = String(file.path.split(separator: "/").last?.split(separator: ".").first ?? "")
            #expect(!vague.contains { name.hasSuffix($0) }, "\(file.path)")
        }
    }

    @Test("The README's picture of the modules names every target of the package, and no other")
    func picture() throws {
        let package = try String(contentsOf: Self.root.appending(path: "Package.swift"), encoding: .utf8)
        let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.root.appending(path: "Sources").path()).filter { !$0.hasPrefix(".") }
        #expect(!folders.isEmpty)
        for folder in folders {
            #expect(readme.contains("`\(folder)`"), "README.md does not say what Sources/\(folder) is")
            #expect(package.contains("\"\(folder)\""), "Sources/\(folder) is no target of Package.swift")
        }
    }
}

import AccessPolicy
import Foundation
import Sentences

/// Agreements files as the commands of `policy` take them: files, or directories with `.yaml` files, and the signatures beside them.
struct AgreementFiles: Sendable {
    /// Text by file name.
    private(set) var texts: [String: String] = [:]
    /// The folder of each.
    private(set) var folders: [String: String] = [:]

    init(_ paths: [String]) throws(CommandFailure) {
        for path in paths {
            for file in try Self.files(path) { try add(file) }
        }
        for (name, folder) in folders where !SignatureFile.isName(name) {
            for id in agreements(in: name).map(\.id) {
                let signatures = SignatureFile.name(forAgreement: id)
                guard texts[signatures] == nil, FileManager.default.fileExists(atPath: "\(folder)/\(signatures)") else { continue }
                try add("\(folder)/\(signatures)")
            }
        }
    }

    /// Those of one file; none where it has mistakes.
    func agreements(in name: String) -> [Agreement] {
        (try? AgreementsFile.parse(yaml: texts[name] ?? "", name: name).agreements) ?? []
    }

    /// Whether a file of a directory belongs to its set.
    static func isPart(_ name: String) -> Bool {
        !name.hasPrefix(".") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml") || SignatureFile.isName(name))
    }

    private mutating func add(_ file: String) throws(CommandFailure) {
        let url = URL(fileURLWithPath: file)
        let name = url.lastPathComponent
        let text = try Self.read(file)
        guard texts.updateValue(text, forKey: name) == nil else { throw .wrongUsage(.fileNamedTwice(name)) }
        folders[name] = url.deletingLastPathComponent().path
    }

    /// - Throws: a sentence for what cannot be read, is too long, or is cut or mixed up so that it is no UTF-8.
    private static func read(_ file: String) throws(CommandFailure) -> String {
        let handle: FileHandle
        let data: Data
        do {
            handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
            data = try handle.read(upToCount: AgreementsLimits.fileBytesMax + 1) ?? Data()
            try? handle.close()
        } catch {
            throw .wrongUsage(.fileUnreadable(file))
        }
        guard data.count <= AgreementsLimits.fileBytesMax else { throw .wrongUsage(.fileTooLong(file, bytesMax: AgreementsLimits.fileBytesMax)) }
        guard let text = String(bytes: data, encoding: .utf8) else { throw .wrongUsage(.fileNotUTF8(file)) }
        return text
    }

    private static func files(_ path: String) throws(CommandFailure) -> [String] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { throw .wrongUsage(.fileUnreadable(path)) }
        guard isDirectory.boolValue else { return [path] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { throw .wrongUsage(.fileUnreadable(path)) }
        let found = names.filter(isPart).sorted()
        guard found.contains(where: { !SignatureFile.isName($0) }) else { throw .wrongUsage(.noAgreementFiles(path)) }
        return found.map { "\(path)/\($0)" }
    }
}

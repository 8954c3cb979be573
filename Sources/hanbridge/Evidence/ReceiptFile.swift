import Foundation
import Sentences

/// The receipts of what was published, one a line: `{"line":…,"key":…,"topic":…,"partition":…,"offset":…,"receipt":"…"}`, the last being a
/// `.tlog-proof` file's text. The line is that of the published file, the key base64, null for none. `receipt verify` reads it.
struct ReceiptFile {
    let path: String

    struct Line: Decodable {
        let line: Int
        let key: String?
        let receipt: String
    }

    func write(_ records: [AcknowledgedRecord], of topic: String, _ options: CommonOptions) async throws {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path) else {
            throw CommandFailure.refused(.evidenceFileNotWritten(path))
        }
        defer { try? file.close() }
        try await AdministrationClient.run(options) { http in
            let logs = try await http.logs(of: topic, partition: nil, purpose: nil)
            var progress = ProgressBar(total: records.count)
            var written = 0
            for log in logs {
                let own = Dictionary(
                    records.filter { $0.partition == log.partition }.map { ("proof/\($0.offset)", $0) }, uniquingKeysWith: { first, _ in first })
                try await log.each(own.values.sorted { $0.offset < $1.offset }.map { "proof/\($0.offset)" }) { name, bytes in
                    guard let bytes, let record = own[name] else {
                        throw CommandFailure.refused(.recordNotInLog("\(topic)/\(log.partition)/\(name.dropFirst(6))"))
                    }
                    try write(record, bytes, of: topic, to: file)
                    written += 1
                    progress.advance(to: written)
                }
            }
            progress.finish()
        }
    }

    private func write(_ record: AcknowledgedRecord, _ receipt: [UInt8], of topic: String, to file: FileHandle) throws {
        let line = JSONText.object([
            ("line", .integer(Int64(record.line))), ("key", record.key.map { .string(Data($0).base64EncodedString()) } ?? .null), ("topic", .string(topic)), ("partition", .integer(Int64(record.partition))),
            ("offset", .integer(record.offset)), ("receipt", .string(String(decoding: receipt, as: UTF8.self))),
        ])
        do {
            try file.write(contentsOf: Data("\(line)\n".utf8))
        } catch {
            throw CommandFailure.refused(.evidenceFileNotWritten(path))
        }
    }
}

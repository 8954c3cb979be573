import Foundation
import Storage
import Testing

@testable import CommitLog

@Suite("Files that are replaced whole")
struct ReplacedFilesTests {
    private static let path = "store/fact"

    /// Longer or shorter each time, and telling whether it is whole.
    private static func content(_ number: Int) -> [UInt8] { Array("\(number):\(String(repeating: "x", count: 700 * (number % 3)))\(number)".utf8) }

    private static func number(_ bytes: [UInt8]) -> Int? {
        let number = String(decoding: bytes, as: UTF8.self).split(separator: ":").first.flatMap { Int($0) }
        return number.flatMap { bytes == content($0) ? $0 : nil }
    }

    @Test("Two files take turns, and the one in place is the last that was put there")
    func takesTurns() throws {
        let bench = try Bench()
        let services = bench.log.services
        for number in 0..<7 {
            try services.replace(Self.path, with: Self.content(number), directory: "store")
            #expect(Self.number(bench.disk.contents(Self.path)) == number)
        }
        #expect(Self.number(bench.disk.contents(Self.path + StoreLayout.temporarySuffix)) == 5)
        services.replaced.forget("store")
        try services.replace(Self.path, with: Self.content(7), directory: "store")
        #expect(Self.number(bench.disk.contents(Self.path)) == 7)
    }

    @Test("Whenever the power goes, one of them is there whole: the last that was durable, or the one after it")
    func powerLoss() throws {
        for at in 1...45 {
            for seed in UInt64(0)..<6 {
                let bench = try Bench()
                bench.disk.set { [changes = bench.disk.counts.changes] in $0.powerLossAtChange = changes + at }
                var durable = -1
                do {
                    while durable < 6 {
                        try bench.log.services.replace(Self.path, with: Self.content(durable + 1), directory: "store")
                        durable += 1
                    }
                } catch {}
                let found = Self.number(bench.disk.afterPowerLoss(seed: seed).contents(Self.path))
                #expect(found == durable || found == durable + 1 || durable < 0, "change \(at), seed \(seed): \(String(describing: found)), \(durable)")
            }
        }
    }

    @Test("What may come back in its old place with a power loss, because the names were not synced, is not written over")
    func namesNotSynced() throws {
        for seed in UInt64(0)..<12 {
            let bench = try Bench()
            let services = bench.log.services
            for number in 0..<3 { try services.replace(Self.path, with: Self.content(number), directory: "store") }
            for number in 3..<5 {
                try services.prepareReplacement(of: Self.path, with: Self.content(number)).sync()
                try services.putReplacement(of: Self.path)
            }
            _ = try services.prepareReplacement(of: Self.path, with: Self.content(5))
            let found = try #require(Self.number(bench.disk.afterPowerLoss(seed: seed).contents(Self.path)), "seed \(seed)")
            #expect((2...4).contains(found))
        }
    }

    @Test("On a real disk two files exchange their names, and one without the other is renamed")
    func exchanges() throws {
        let directory = FileManager.default.temporaryDirectory.path + "/hanbridge-exchange-\(UInt64.random(in: 0...UInt64.max))"
        let disk = LinuxDisk()
        try disk.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        func content(_ name: String) -> [UInt8]? { try? disk.open("\(directory)/\(name)", .read).read(16, at: 0) }
        try disk.open("\(directory)/a", .create).write([1], at: 0)
        try disk.exchange("\(directory)/a", with: "\(directory)/b")
        #expect(content("a") == nil)
        #expect(content("b") == [1])
        try disk.open("\(directory)/a", .create).write([2], at: 0)
        try disk.exchange("\(directory)/a", with: "\(directory)/b")
        #expect(content("a") == [1])
        #expect(content("b") == [2])
        #expect(throws: DiskError.self) { try disk.exchange("\(directory)/c", with: "\(directory)/b") }
        #expect(content("b") == [2])
    }
}

import Testing

@testable import ZipArchive

@Suite("Zip archives")
struct ZipArchiveTests {
    private static func archive(_ members: [(String, [UInt8])], isCompressible: Bool = true) throws -> [UInt8] {
        var writer = ZipWriter()
        var bytes: [UInt8] = []
        for (name, content) in members { bytes += try writer.add(name, content, isCompressible: isCompressible) }
        return bytes + writer.finish()
    }

    private static let members: [(String, [UInt8])] = [
        ("a/b.txt", Array("hello".utf8)), ("empty", []), ("0/tile/0/000", (0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 167 ^ $0 >> 3) }),
        ("thuyền.json", [UInt8](repeating: 0x61, count: 100_000)),
    ]

    private static func fault(_ bytes: [UInt8]) -> ZipFault? {
        do throws(ZipFault) {
            let reader = try ZipReader(bytes)
            for name in reader.names { _ = try reader.content(of: name, bytesMax: 1 << 24) }
            return nil
        } catch {
            return error
        }
    }

    @Test("What was put in comes out, stored and deflated", arguments: [true, false])
    func roundTrip(isCompressible: Bool) throws {
        let bytes = try Self.archive(Self.members, isCompressible: isCompressible)
        #expect((bytes.count < 20_000) == isCompressible)
        let reader = try ZipReader(bytes)
        #expect(reader.names.sorted() == Self.members.map(\.0).sorted())
        for (name, content) in Self.members { #expect(try reader.content(of: name, bytesMax: content.count) == content) }
        #expect(try reader.content(of: "a", bytesMax: 10) == nil)
    }

    @Test("An archive without members is one, and one that ends early at any byte is none")
    func truncated() throws {
        #expect(Self.fault(try Self.archive([])) == nil)
        let bytes = try Self.archive(Array(Self.members.prefix(2)))
        for count in 0..<bytes.count { #expect(Self.fault(Array(bytes[..<count])) != nil, "cut to \(count)") }
    }

    @Test("Any changed byte of a member's content or place is noticed, or changes nothing that is read")
    func damaged() throws {
        let bytes = try Self.archive(Self.members)
        for position in bytes.indices where position < 200 || position > bytes.count - 300 {
            for mask in [1, 0x80] as [UInt8] {
                var changed = bytes
                changed[position] ^= mask
                guard Self.fault(changed) == nil else { continue }
                // Names apart, contents are as they were.
                let reader = try ZipReader(changed)
                let contents = try reader.names.map { try reader.content(of: $0, bytesMax: 1 << 24) }
                #expect(Set(contents) == Set(Self.members.map(\.1)), "byte \(position)")
            }
        }
    }

    @Test("Names that leave a folder, are not plain or stand twice are neither written nor read", arguments: [
        "../x", "/x", "a/../b", "a//b", "a\\b", "./a", "a/.", "c:x", "a\nb", "", "..",
    ])
    func names(name: String) throws {
        var writer = ZipWriter()
        #expect(throws: ZipFault.self) { try writer.add(name, []) }
        guard !name.isEmpty else { return }
        let plain = String(repeating: "n", count: name.utf8.count)
        let bytes = Self.replacing(plain, with: name, in: try Self.archive([(plain, [1, 2, 3])]))
        guard case .unsafeName? = Self.fault(bytes) else {
            Issue.record("\(name): \(String(describing: Self.fault(bytes)))")
            return
        }
    }

    @Test("A name twice is refused")
    func twice() throws {
        var writer = ZipWriter()
        _ = try writer.add("ab", [])
        #expect(throws: ZipFault.duplicateName("ab")) { try writer.add("ab", [1]) }
        let bytes = Self.replacing("xy", with: "ab", in: try Self.archive([("ab", [1]), ("xy", [2])]))
        #expect(Self.fault(bytes) == .duplicateName("ab"))
    }

    @Test("A member that says it is more than the caller takes is refused before a byte of it is made")
    func bombs() throws {
        let bytes = try Self.archive([("bomb", [UInt8](repeating: 0, count: 10 << 20))])
        #expect(bytes.count < 20_000)
        let reader = try ZipReader(bytes)
        #expect(throws: ZipFault.tooLong("bomb", bytesMax: 10 << 20 - 1)) { try reader.content(of: "bomb", bytesMax: 10 << 20 - 1) }
        #expect(try reader.content(of: "bomb", bytesMax: 10 << 20)?.count == 10 << 20)
        // It says less than it inflates to, and more.
        for size in [100, 11 << 20] as [UInt32] {
            var lying = bytes
            for start in [Self.find(ZipLayout.localHeader, in: bytes) + 22, Self.find(ZipLayout.directoryHeader, in: bytes) + 24] {
                for index in 0..<4 { lying[start + index] = UInt8(truncatingIfNeeded: size >> UInt32(8 * index)) }
            }
            #expect(Self.fault(lying) == .damaged("bomb"))
        }
    }

    @Test("Members over each other are refused")
    func overlap() throws {
        let bytes = try Self.archive([("a", [UInt8](repeating: 7, count: 60)), ("b", [UInt8](repeating: 7, count: 60))], isCompressible: false)
        var changed = bytes
        // The second points to the first.
        let second = Self.find(ZipLayout.directoryHeader, in: bytes, from: Self.find(ZipLayout.directoryHeader, in: bytes) + 1)
        for index in 0..<4 { changed[second + 42 + index] = 0 }
        guard case .overlap? = Self.fault(changed) else {
            Issue.record("\(String(describing: Self.fault(changed)))")
            return
        }
    }

    @Test("More than 65,534 members and places beyond four gigabytes are ZIP64's")
    func large() throws {
        var writer = ZipWriter()
        var bytes: [UInt8] = []
        for number in 0..<70_000 { bytes += try writer.add("\(number)", [UInt8(truncatingIfNeeded: number)]) }
        bytes += writer.finish()
        let reader = try ZipReader(bytes)
        #expect(reader.names.count == 70_000)
        #expect(try reader.content(of: "69999", bytesMax: 1) == [UInt8(truncatingIfNeeded: 69_999)])
        let start: Int64 = 5 << 30
        var far = ZipWriter(position: UInt64(start))
        let content = try far.add("far", Array("beyond".utf8))
        let shifted = Shifted(start: start, bytes: content + far.finish())
        #expect(try ZipReader(shifted).content(of: "far", bytesMax: 6) == Array("beyond".utf8))
    }

    /// A file that begins with gigabytes of nothing.
    private struct Shifted: ZipBytes {
        let start: Int64
        let bytes: [UInt8]
        var length: Int64 { start + Int64(bytes.endIndex) }
        func bytes(_ range: Range<Int64>) -> [UInt8]? {
            let all = [UInt8](repeating: 0, count: Int(max(0, start - range.lowerBound)))
            return all + (bytes.bytes(max(0, range.lowerBound - start)..<range.upperBound - start) ?? [])
        }
    }

    private static func find(_ signature: UInt32, in bytes: [UInt8], from: Int = 0) -> Int {
        (from..<bytes.endIndex - 4).first { bytes.field($0) == signature } ?? 0
    }

    private static func replacing(_ old: String, with new: String, in bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let (old, new) = (Array(old.utf8), Array(new.utf8))
        for start in 0...bytes.endIndex - old.count where bytes[start..<start + old.count].elementsEqual(old) {
            bytes.replaceSubrange(start..<start + old.count, with: new)
        }
        return bytes
    }
}

import CCompression

/// Makes an archive's bytes, member by member; whoever has them writes them one behind the other.
///
/// All members have one time, so that the same content makes the same bytes.
public struct ZipWriter {
    private struct Member {
        let name: [UInt8]
        let method: UInt16
        let checksum: UInt32
        let storedSize: UInt32
        let size: UInt32
        let position: UInt64
    }

    private var members: [Member] = []
    private var names: Set<[UInt8]> = []
    private var position: UInt64
    /// 1 January 1980, 0:00: the first that the format can say.
    private let date: UInt16 = 0x0021

    /// - Parameter position: where in the file the archive begins: members' places are counted from the file's beginning. Tests alone begin elsewhere.
    public init(position: UInt64 = 0) { self.position = position }

    /// - Parameter isCompressible: hashes and salts are not, and are stored at once.
    /// - Returns: the bytes to append.
    public mutating func add(_ name: String, _ content: [UInt8], isCompressible: Bool = true) throws(ZipFault) -> [UInt8] {
        let nameBytes = Array(name.utf8)
        guard ZipName.isPlain(nameBytes) else { throw .unsafeName(name) }
        guard content.count <= ZipLimits.memberBytesMax else { throw .tooLong(name, bytesMax: ZipLimits.memberBytesMax) }
        guard members.count < ZipLimits.membersMax else { throw .tooManyMembers(max: ZipLimits.membersMax) }
        guard names.insert(nameBytes).inserted else { throw .duplicateName(name) }
        let deflated = isCompressible ? Deflation.deflate(content) : nil
        let data = deflated ?? content
        let member = Member(
            name: nameBytes, method: deflated == nil ? ZipLayout.stored : ZipLayout.deflated, checksum: Deflation.checksum(content),
            storedSize: UInt32(data.count), size: UInt32(content.count), position: position)
        members.append(member)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(ZipLayout.localHeaderBytes + nameBytes.count + data.count)
        bytes.put(ZipLayout.localHeader)
        common(member, ZipLayout.version, to: &bytes)
        bytes.put(UInt16(0))
        bytes += nameBytes
        bytes += data
        position += UInt64(bytes.count)
        return bytes
    }

    /// From the version on up to the name's length.
    private func common(_ member: Member, _ version: UInt16, to bytes: inout [UInt8]) {
        bytes.put(version)
        bytes.put(ZipLayout.utf8Flag)
        bytes.put(member.method)
        bytes.put(UInt16(0))
        bytes.put(date)
        bytes.put(member.checksum)
        bytes.put(member.storedSize)
        bytes.put(member.size)
        bytes.put(UInt16(member.name.count))
    }

    /// The list of members and the end: without them it is no archive.
    public func finish() -> [UInt8] {
        var bytes: [UInt8] = []
        for member in members { directoryHeader(member, to: &bytes) }
        let start = position
        let (size, count) = (UInt64(bytes.count), UInt64(members.count))
        if start + size > UInt32.max - 1 || count > UInt16.max - 1 {
            bytes.put(ZipLayout.end64)
            bytes.put(UInt64(ZipLayout.end64Bytes - 12))
            bytes.put(ZipLayout.madeBy)
            bytes.put(ZipLayout.version64)
            bytes.put(UInt64(0))
            for field in [count, count, size, start] { bytes.put(field) }
            bytes.put(ZipLayout.locator64)
            bytes.put(UInt32(0))
            bytes.put(start + size)
            bytes.put(UInt32(1))
        }
        bytes.put(ZipLayout.end)
        bytes.put(UInt32(0))
        for _ in 0..<2 { bytes.put(UInt16(clamping: count)) }
        for field in [size, start] { bytes.put(UInt32(clamping: field)) }
        bytes.put(UInt16(0))
        return bytes
    }

    private func directoryHeader(_ member: Member, to bytes: inout [UInt8]) {
        let isFar = member.position >= UInt32.max
        bytes.put(ZipLayout.directoryHeader)
        bytes.put(ZipLayout.madeBy)
        common(member, isFar ? ZipLayout.version64 : ZipLayout.version, to: &bytes)
        bytes.put(UInt16(isFar ? 12 : 0))
        for _ in 0..<3 { bytes.put(UInt16(0)) }
        // A plain file that everybody may read.
        bytes.put(UInt32(0o100644) << 16)
        bytes.put(UInt32(clamping: member.position))
        bytes += member.name
        guard isFar else { return }
        bytes.put(ZipLayout.extra64)
        bytes.put(UInt16(8))
        bytes.put(member.position)
    }
}

enum Deflation {
    /// nil where it would not become smaller.
    static func deflate(_ content: [UInt8]) -> [UInt8]? {
        guard content.count > 64 else { return nil }
        let deflated = [UInt8](unsafeUninitializedCapacity: content.count - 1) { output, count in
            count = content.withUnsafeBytes { input in
                guard let input = input.baseAddress, let output = output.baseAddress else { return 0 }
                return hb_raw_deflate(input, content.count, output, content.count - 1)
            }
        }
        return deflated.isEmpty ? nil : deflated
    }

    /// nil unless all of it is a stream of exactly so many bytes.
    static func inflate(_ data: [UInt8], size: Int) -> [UInt8]? {
        // A stream cannot hold more than 1,032 times its length: what says so is not even tried.
        guard size > 0, size / 1_040 <= data.count else { return size == 0 && data == [3, 0] ? [] : nil }
        var isWhole = false
        let content = [UInt8](unsafeUninitializedCapacity: size) { output, count in
            isWhole = data.withUnsafeBytes { input in
                guard let input = input.baseAddress, let output = output.baseAddress else { return false }
                return hb_raw_inflate(input, data.count, output, size) == 1
            }
            count = isWhole ? size : 0
        }
        return isWhole ? content : nil
    }

    static func checksum(_ content: [UInt8]) -> UInt32 {
        content.withUnsafeBytes { bytes in bytes.baseAddress.map { hb_crc32($0, bytes.count) } ?? 0 }
    }
}

enum ZipName {
    /// Parts of plain characters with slashes between them: nothing that a file system could take for a way elsewhere.
    static func isPlain(_ name: [UInt8]) -> Bool {
        guard !name.isEmpty, name.count <= ZipLimits.nameBytesMax, String(validating: name, as: UTF8.self) != nil else { return false }
        guard !name.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: ":") }) else { return false }
        return name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
        }
    }
}

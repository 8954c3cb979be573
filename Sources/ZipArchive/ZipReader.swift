/// Where an archive's bytes are.
public protocol ZipBytes {
    var length: Int64 { get }
    /// nil where they cannot be read.
    func bytes(_ range: Range<Int64>) -> [UInt8]?
}

extension [UInt8]: ZipBytes {
    public var length: Int64 { Int64(endIndex) }
    public func bytes(_ range: Range<Int64>) -> [UInt8]? {
        guard range.lowerBound >= 0, range.upperBound <= endIndex else { return nil }
        return Array(self[Int(range.lowerBound)..<Int(range.upperBound)])
    }
}

/// An archive that was found whole as far as its list of members goes. What a member holds is checked when it is asked for.
public struct ZipReader<Source: ZipBytes> {
    private struct Member {
        let method: UInt16
        let flags: UInt16
        let checksum: UInt32
        let storedSize: Int64
        let size: Int64
        let position: Int64
        /// Where the next member, or the list, begins.
        var end: Int64 = 0
    }

    private let source: Source
    private var members: [String: Member] = [:]

    public init(_ source: Source) throws(ZipFault) {
        self.source = source
        let place = try EndRecord(source)
        guard place.count <= ZipLimits.membersMax else { throw .tooManyMembers(max: ZipLimits.membersMax) }
        guard place.directory.count <= ZipLimits.directoryBytesMax else { throw .directoryTooLong(bytesMax: ZipLimits.directoryBytesMax) }
        guard let bytes = source.bytes(place.directory) else { throw .unreadable }
        members = try Self.members(bytes, count: place.count)
        try fixEnds(before: place.directory.lowerBound)
    }

    /// Without folders.
    public var names: some Collection<String> { members.keys }

    public func contains(_ name: String) -> Bool { members[name] != nil }

    /// A member's content; nil where there is none of this name.
    public func content(of name: String, bytesMax: Int) throws(ZipFault) -> [UInt8]? {
        guard let member = members[name] else { return nil }
        guard member.size <= min(bytesMax, ZipLimits.memberBytesMax) else { throw .tooLong(name, bytesMax: bytesMax) }
        let data = try stored(member, name)
        let content: [UInt8]?
        switch member.method {
        case ZipLayout.stored: content = data.count == Int(member.size) ? data : nil
        default: content = Deflation.inflate(data, size: Int(member.size))
        }
        guard let content, Deflation.checksum(content) == member.checksum else { throw .damaged(name) }
        return content
    }

    /// Behind the member's own header, which has to say what the list says.
    private func stored(_ member: Member, _ name: String) throws(ZipFault) -> [UInt8] {
        let headerEnd = member.position + Int64(ZipLayout.localHeaderBytes)
        guard let header = source.bytes(member.position..<headerEnd) else { throw .truncated }
        let (nameBytes, extraBytes) = (Int64(header.field(26, as: UInt16.self)), Int64(header.field(28, as: UInt16.self)))
        let start = headerEnd + nameBytes + extraBytes
        guard start + member.storedSize <= member.end else { throw .overlap(name) }
        guard let bytes = source.bytes(headerEnd..<start + member.storedSize) else { throw .truncated }
        let flags: UInt16 = header.field(6)
        guard header.field(0) == ZipLayout.localHeader, flags == member.flags, header.field(8) == member.method,
            bytes.prefix(Int(nameBytes)).elementsEqual(name.utf8)
        else { throw .contradiction(name) }
        // Where they stand behind the data, there are zeros here; in an archive of ZIP64 they may be in an extra field.
        let told: [(UInt32, Int64)] = [(header.field(14), Int64(member.checksum)), (header.field(18), member.storedSize), (header.field(22), member.size)]
        guard flags & ZipLayout.sizesBehindFlag != 0 || told.allSatisfy({ Int64($0) == $1 || $0 == .max }) else { throw .contradiction(name) }
        return Array(bytes.dropFirst(Int(nameBytes + extraBytes)))
    }

    // MARK: the list of members

    private static func members(_ bytes: [UInt8], count: Int) throws(ZipFault) -> [String: Member] {
        var members: [String: Member] = [:]
        members.reserveCapacity(min(count, bytes.count / ZipLayout.directoryHeaderBytes))
        var position = 0
        for _ in 0..<count {
            guard let (name, member, next) = try header(bytes, position) else { throw .malformedDirectory }
            position = next
            // A folder's own entry.
            if name.last == UInt8(ascii: "/"), member.size == 0, ZipName.isPlain(name.dropLast()) { continue }
            let text = String(decoding: name, as: UTF8.self)
            guard ZipName.isPlain(name) else { throw .unsafeName(ZipFault.shown(text)) }
            guard members.updateValue(member, forKey: text) == nil else { throw .duplicateName(text) }
            guard member.flags & ZipLayout.encryptedFlag == 0 else { throw .encrypted(text) }
            switch member.method {
            case ZipLayout.stored where member.size != member.storedSize: throw .contradiction(text)
            case ZipLayout.stored, ZipLayout.deflated: break
            default: throw .unknownMethod(text, method: member.method)
            }
        }
        guard position == bytes.count else { throw .malformedDirectory }
        return members
    }

    /// nil where it ends too early or is something else.
    private static func header(_ bytes: [UInt8], _ start: Int) throws(ZipFault) -> (name: [UInt8], Member, next: Int)? {
        let fixed = start + ZipLayout.directoryHeaderBytes
        guard fixed <= bytes.count, bytes.field(start) == ZipLayout.directoryHeader else { return nil }
        let lengths = [28, 30, 32].map { Int(bytes.field(start + $0, as: UInt16.self)) }
        let next = fixed + lengths.reduce(0, +)
        guard next <= bytes.count else { return nil }
        guard bytes.field(start + 34) == (0 as UInt16) else { throw .splitOverDisks }
        let name = Array(bytes[fixed..<fixed + lengths[0]])
        var large = LargeFields(Array(bytes[fixed + lengths[0]..<fixed + lengths[0] + lengths[1]]))
        // In this order in the extra field, each only where its field is full.
        guard let size = large.value(bytes.field(start + 24)), let storedSize = large.value(bytes.field(start + 20)),
            let position = large.value(bytes.field(start + 42))
        else { return nil }
        let member = Member(
            method: bytes.field(start + 10), flags: bytes.field(start + 8), checksum: bytes.field(start + 16), storedSize: storedSize, size: size,
            position: position)
        return (name, member, next)
    }

    /// Where each member has to end, so that none can be read twice under two names: that is how a small archive becomes a huge one.
    private mutating func fixEnds(before directory: Int64) throws(ZipFault) {
        var end = directory
        for (name, member) in members.sorted(by: { $0.value.position > $1.value.position }) {
            let (least, isTooLarge) = member.position.addingReportingOverflow(Int64(ZipLayout.localHeaderBytes + name.utf8.count))
            guard !isTooLarge, member.storedSize <= directory, least <= directory else { throw .truncated }
            guard least + member.storedSize <= end else { throw .overlap(name) }
            members[name]?.end = end
            end = member.position
        }
    }
}

extension ZipFault {
    /// A stranger's name in a sentence: cut, and nothing that a terminal would obey.
    static func shown(_ name: String) -> String {
        String(name.unicodeScalars.prefix(100).map { $0.properties.generalCategory == .control ? "?" : Character($0) })
    }
}

/// The extra field of ZIP64 (4.5.3).
private struct LargeFields {
    private var bytes: [UInt8] = []

    init(_ extra: [UInt8]) {
        var position = 0
        while position + 4 <= extra.count {
            let end = position + 4 + Int(extra.field(position + 2, as: UInt16.self))
            guard end <= extra.count else { return }
            if extra.field(position) == ZipLayout.extra64 {
                bytes = Array(extra[position + 4..<end])
                return
            }
            position = end
        }
    }

    /// nil where it is nowhere, or more than any file has.
    mutating func value(_ field: UInt32) -> Int64? {
        guard field == .max else { return Int64(field) }
        guard bytes.count >= 8 else { return nil }
        defer { bytes.removeFirst(8) }
        return Int64(exactly: bytes.field(0, as: UInt64.self))
    }
}

/// Where the list of members is and how many there are.
private struct EndRecord {
    let directory: Range<Int64>
    let count: Int

    init(_ source: some ZipBytes) throws(ZipFault) {
        let tailBytes = min(source.length, Int64(ZipLayout.endBytes + ZipLimits.commentBytesMax))
        guard let tail = source.bytes(source.length - tailBytes..<source.length) else { throw .unreadable }
        guard let start = Self.start(in: tail) else { throw .notAnArchive }
        let position = source.length - tailBytes + Int64(start)
        guard tail.field(start + 4) == (0 as UInt32) else { throw .splitOverDisks }
        var count = UInt64(tail.field(start + 10, as: UInt16.self))
        var size = UInt64(tail.field(start + 12, as: UInt32.self))
        var offset = UInt64(tail.field(start + 16, as: UInt32.self))
        var end = UInt64(position)
        if count == UInt16.max || size == UInt32.max || offset == UInt32.max, let (large, place) = try Self.large(source, before: position) {
            (count, size, offset, end) = (large.field(32), large.field(40), large.field(48), place)
        }
        guard offset <= end, size <= end - offset else { throw .truncated }
        // Something between the list and the end: another tool may find another list there.
        guard offset + size == end, let count = Int(exactly: count) else { throw .malformedDirectory }
        directory = Int64(offset)..<Int64(end)
        self.count = count
    }

    /// The last one whose comment reaches exactly to the file's end.
    private static func start(in tail: [UInt8]) -> Int? {
        guard tail.count >= ZipLayout.endBytes else { return nil }
        return stride(from: tail.endIndex - ZipLayout.endBytes, through: 0, by: -1).first { start in
            tail[start] == 0x50 && tail.field(start) == ZipLayout.end
                && start + ZipLayout.endBytes + Int(tail.field(start + 20, as: UInt16.self)) == tail.endIndex
        }
    }

    /// The record of ZIP64 and its place; nil where there is none: a small archive may have 65,535 members.
    private static func large(_ source: some ZipBytes, before position: Int64) throws(ZipFault) -> ([UInt8], UInt64)? {
        let start = position - Int64(ZipLayout.locator64Bytes)
        guard start >= 0, let locator = source.bytes(start..<position), locator.field(0) == ZipLayout.locator64 else { return nil }
        guard locator.field(4) == (0 as UInt32), locator.field(16) == (1 as UInt32) else { throw .splitOverDisks }
        let place: UInt64 = locator.field(8)
        guard let first = Int64(exactly: place), first <= start - Int64(ZipLayout.end64Bytes),
            let record = source.bytes(first..<first + Int64(ZipLayout.end64Bytes))
        else { throw .truncated }
        guard record.field(0) == ZipLayout.end64 else { throw .malformedDirectory }
        return (record, place)
    }
}

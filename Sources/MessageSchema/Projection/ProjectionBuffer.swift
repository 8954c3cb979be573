/// Bytes that grow. Made once and used for many records, it is allocated for the largest.
///
/// Sendable because nothing else knows the memory: it cannot be copied, and only its own methods hand addresses out, while they run.
public struct ProjectionBuffer: ~Copyable, @unchecked Sendable {
    private var bytes: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    public private(set) var count = 0

    public init(capacity: Int = 0) {
        self.capacity = max(64, capacity)
        bytes = .allocate(capacity: self.capacity)
    }

    deinit { bytes.deallocate() }

    /// The bytes stay where they are within `body` only.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    public mutating func append(_ added: UnsafeRawBufferPointer) {
        guard let start = added.baseAddress else { return }
        append(start, added.count)
    }

    /// Forgets what was appended behind the first `count` bytes.
    public mutating func truncate(to count: Int) {
        precondition((0...self.count).contains(count), "truncating makes shorter")
        self.count = count
    }

    /// Keeps the memory.
    public mutating func removeAll() { count = 0 }

    @inline(__always) mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    @inline(never) private mutating func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: bytes, count: count)
        bytes.deallocate()
        bytes = larger
    }

    @inline(__always) mutating func append(_ start: UnsafeRawPointer, _ added: Int) {
        reserve(added)
        UnsafeMutableRawPointer(bytes + count).copyMemory(from: start, byteCount: added)
        count += added
    }

    @inline(__always) mutating func append(_ byte: UInt8) {
        reserve(1)
        bytes[count] = byte
        count += 1
    }

    mutating func append(_ text: StaticString) { append(text.utf8Start, text.utf8CodeUnitCount) }

    /// The bytes from `start` on, up to the end.
    @inline(__always) func tail(from start: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes + start, count: count - start) }

    /// Takes `removed` bytes out at `start` and moves what follows down.
    mutating func remove(at start: Int, _ removed: Int) {
        UnsafeMutableRawPointer(bytes + start).copyMemory(from: bytes + start + removed, byteCount: count - start - removed)
        count -= removed
    }

    /// Makes room for `added` bytes at `start`; what they are is for the caller to write.
    mutating func open(at start: Int, _ added: Int) {
        reserve(added)
        UnsafeMutableRawPointer(bytes + start + added).copyMemory(from: bytes + start, byteCount: count - start)
        count += added
    }

    @inline(__always) mutating func write(_ byte: UInt8, at place: Int) { bytes[place] = byte }

    // MARK: numbers

    /// Seven bits a byte, lowest first (Avro and Protobuf).
    @inline(__always) mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always) mutating func appendZigzag(_ value: Int64) { appendVarint(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    mutating func appendZeros(_ zeros: Int) {
        reserve(zeros)
        (bytes + count).update(repeating: 0, count: zeros)
        count += zeros
    }

    mutating func appendDecimal(_ value: Int64) {
        let start = count
        var rest = value.magnitude
        repeat {
            append(0x30 + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        if value < 0 { append(0x2D) }
        var low = start
        var high = count - 1
        while low < high {
            (bytes[low], bytes[high]) = (bytes[high], bytes[low])
            low += 1
            high -= 1
        }
    }

    static func varintBytes(_ value: UInt64) -> Int { max(1, (70 - value.leadingZeroBitCount) / 7) }

    /// Writes a varint over bytes that are there.
    mutating func writeVarint(_ value: UInt64, at place: Int) {
        var rest = value
        var place = place
        while rest >= 0x80 {
            bytes[place] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
            place += 1
        }
        bytes[place] = UInt8(truncatingIfNeeded: rest)
    }
}

/// SHA-256 (FIPS 180-4), for values of a few bytes that are hashed one at a time. In Swift, so that this module stays without dependencies;
/// what hashes much is `CDigest`.
enum SHA256 {
    typealias State = SIMD8<UInt32>

    static let blockBytes = 64
    static let digestBytes = 32

    /// FIPS 180-4, 5.3.3.
    static let initial = State(
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)

    /// Goes on from `state`, which has taken `before` bytes in whole blocks, to the digest.
    static func finish(_ state: State, before: Int, _ message: UnsafeRawBufferPointer) -> State {
        var state = state
        var offset = 0
        while message.count - offset >= blockBytes {
            compress(&state, UnsafeRawBufferPointer(rebasing: message[offset..<offset + blockBytes]))
            offset += blockBytes
        }
        let rest = message.count - offset
        // The end bit, zeros, and the length in bits in eight bytes: one block, or two where these do not fit.
        let paddedBytes = rest + 9 <= blockBytes ? blockBytes : 2 * blockBytes
        withUnsafeTemporaryAllocation(byteCount: 2 * blockBytes, alignment: 8) { padded in
            for index in 0..<paddedBytes { padded[index] = 0 }
            for index in 0..<rest { padded[index] = message[offset + index] }
            padded[rest] = 0x80
            let bits = UInt64(before + message.count) * 8
            for index in 0..<8 { padded[paddedBytes - 1 - index] = UInt8(truncatingIfNeeded: bits >> UInt64(8 * index)) }
            for start in stride(from: 0, to: paddedBytes, by: blockBytes) {
                compress(&state, UnsafeRawBufferPointer(rebasing: padded[start..<start + blockBytes]))
            }
        }
        return state
    }

    /// FIPS 180-4, 6.2.2. The schedule is kept for sixteen steps, in the order in which they use it.
    static func compress(_ state: inout State, _ block: UnsafeRawBufferPointer) {
        precondition(block.count == blockBytes, "a block has 64 bytes")
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 16) { schedule in
            guard let w = schedule.baseAddress else { return }
            for t in 0..<16 { w[t] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 * t, as: UInt32.self)) }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            var (e, f, g, h) = (state[4], state[5], state[6], state[7])
            let constants = Self.constants.words
            for round in 0..<4 {
                let k = constants + 16 * round
                for t in 0..<16 {
                    let first = h &+ (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) &+ (g ^ e & (f ^ g)) &+ k[t] &+ w[t]
                    let second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) &+ (a & b | c & (a | b))
                    (h, g, f, e) = (g, f, e, d &+ first)
                    (d, c, b, a) = (c, b, a, first &+ second)
                }
                guard round < 3 else { break }
                for t in 0..<16 {
                    let before = w[(t + 1) & 15]
                    let last = w[(t + 14) & 15]
                    w[t] = w[t] &+ (turned(before, 7) ^ turned(before, 18) ^ before >> 3) &+ w[(t + 9) & 15] &+ (turned(last, 17) ^ turned(last, 19) ^ last >> 10)
                }
            }
            state = state &+ State(a, b, c, d, e, f, g, h)
        }
    }

    @inline(__always) private static func turned(_ value: UInt32, _ by: UInt32) -> UInt32 { value >> by | value << (32 - by) }

    /// Sendable because the words are written once, before the value is shared, and never freed: there is one of it.
    private struct Constants: @unchecked Sendable {
        let words: UnsafePointer<UInt32>

        init(_ values: [UInt32]) { words = UnsafePointer(FastProgram.copy(values)) }
    }

    /// FIPS 180-4, 4.2.2.
    private static let constants = Constants([
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01,
        0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc,
        0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147,
        0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116, 0x1e37_6c08,
        0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208,
        0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ])
}

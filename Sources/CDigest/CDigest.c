#include "CDigest.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define BLOCK 64

// FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
_Alignas(16) static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

// FIPS 180-4, 5.3.3.
static const uint32_t initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

// Takes `blocks` blocks of one message, or of each of two, into their states.
typedef void (*compress_one)(uint32_t *state, const unsigned char *bytes, size_t blocks);
typedef void (*compress_two)(uint32_t *const state[2], const unsigned char *const bytes[2], size_t blocks);

static inline uint32_t word(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3];
}

static inline uint32_t turned(uint32_t value, int by) { return value >> by | value << (32 - by); }

static void portable_one(uint32_t *state, const unsigned char *bytes, size_t blocks) {
    for (; blocks > 0; blocks--, bytes += BLOCK) {
        uint32_t schedule[64];
        for (int t = 0; t < 16; t++) schedule[t] = word(bytes + 4 * t);
        for (int t = 16; t < 64; t++) {
            uint32_t before = schedule[t - 15], last = schedule[t - 2];
            schedule[t] = schedule[t - 16] + (turned(before, 7) ^ turned(before, 18) ^ before >> 3) + schedule[t - 7] +
                          (turned(last, 17) ^ turned(last, 19) ^ last >> 10);
        }
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
        for (int t = 0; t < 64; t++) {
            uint32_t first = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + constants[t] + schedule[t];
            uint32_t second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
        }
        state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e, state[5] += f, state[6] += g, state[7] += h;
    }
}

static void portable_two(uint32_t *const state[2], const unsigned char *const bytes[2], size_t blocks) {
    portable_one(state[0], bytes[0], blocks);
    portable_one(state[1], bytes[1], blocks);
}

#if defined(__x86_64__)

#define SHA_TARGET __attribute__((target("sha,sse4.1,ssse3")))

// `lanes` messages in step: one, or two whose instructions fill each other's waits. Always inlined with a constant, so that
// the arrays are registers.
SHA_TARGET __attribute__((always_inline)) static inline void
instructions(int lanes, uint32_t *const *state, const unsigned char *const *bytes, size_t blocks) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i abef[2], cdgh[2];
    for (int lane = 0; lane < lanes; lane++) {
        // The instructions want the state as (a b e f) and (c d g h), highest first.
        __m128i dcba = _mm_loadu_si128((const __m128i *)state[lane]), hgfe = _mm_loadu_si128((const __m128i *)(state[lane] + 4));
        __m128i cdab = _mm_shuffle_epi32(dcba, 0xB1), efgh = _mm_shuffle_epi32(hgfe, 0x1B);
        abef[lane] = _mm_alignr_epi8(cdab, efgh, 8);
        cdgh[lane] = _mm_blend_epi16(efgh, cdab, 0xF0);
    }
    for (size_t offset = 0; offset < blocks * BLOCK; offset += BLOCK) {
        __m128i abef_before[2], cdgh_before[2], message[2][4];
        for (int lane = 0; lane < lanes; lane++) {
            abef_before[lane] = abef[lane];
            cdgh_before[lane] = cdgh[lane];
            for (int part = 0; part < 4; part++)
                message[lane][part] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(bytes[lane] + offset + 16 * part)), swap);
        }
#pragma clang loop unroll(full)
        for (int quarter = 0; quarter < 16; quarter++) {
            const __m128i constant = _mm_load_si128((const __m128i *)(constants + 4 * quarter));
#pragma clang loop unroll(full)
            for (int lane = 0; lane < lanes; lane++) {
                __m128i *m = message[lane];
                __m128i input = _mm_add_epi32(m[quarter & 3], constant);
                cdgh[lane] = _mm_sha256rnds2_epu32(cdgh[lane], abef[lane], input);
                abef[lane] = _mm_sha256rnds2_epu32(abef[lane], cdgh[lane], _mm_shuffle_epi32(input, 0x0E));
                if (quarter < 12) {
                    __m128i last = m[(quarter + 3) & 3];
                    __m128i sum = _mm_add_epi32(
                        _mm_sha256msg1_epu32(m[quarter & 3], m[(quarter + 1) & 3]), _mm_alignr_epi8(last, m[(quarter + 2) & 3], 4));
                    m[quarter & 3] = _mm_sha256msg2_epu32(sum, last);
                }
            }
        }
        for (int lane = 0; lane < lanes; lane++) {
            abef[lane] = _mm_add_epi32(abef[lane], abef_before[lane]);
            cdgh[lane] = _mm_add_epi32(cdgh[lane], cdgh_before[lane]);
        }
    }
    for (int lane = 0; lane < lanes; lane++) {
        __m128i feba = _mm_shuffle_epi32(abef[lane], 0x1B), dchg = _mm_shuffle_epi32(cdgh[lane], 0xB1);
        _mm_storeu_si128((__m128i *)state[lane], _mm_blend_epi16(feba, dchg, 0xF0));
        _mm_storeu_si128((__m128i *)(state[lane] + 4), _mm_alignr_epi8(dchg, feba, 8));
    }
}

SHA_TARGET static void x86_one(uint32_t *state, const unsigned char *bytes, size_t blocks) { instructions(1, &state, &bytes, blocks); }

SHA_TARGET static void x86_two(uint32_t *const state[2], const unsigned char *const bytes[2], size_t blocks) {
    instructions(2, state, bytes, blocks);
}

#endif

static compress_one selected_one = portable_one;
static compress_two selected_two = portable_two;

// Runs before main: afterwards the choice never changes.
__attribute__((constructor)) static void prepare(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("sha") && __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3")) {
        selected_one = x86_one;
        selected_two = x86_two;
    }
#endif
}

// A message on its way: its whole blocks where they stand, then its end, padded.
struct lane {
    uint32_t state[8];
    const unsigned char *bytes;
    size_t blocks;
    size_t tail_blocks;
    uint8_t *digest;
    unsigned char tail[2 * BLOCK];
};

static void put_digest(const uint32_t *state, uint8_t *digest) {
    for (int index = 0; index < 8; index++) {
        uint32_t value = __builtin_bswap32(state[index]);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        value = state[index];
#endif
        memcpy(digest + 4 * index, &value, 4);
    }
}

// FIPS 180-4, 5.1.1: a one bit, zeros, the length in bits. Returns how many blocks the end takes.
static size_t pad(unsigned char *tail, size_t used, uint64_t message_bytes) {
    size_t blocks = used + 9 <= BLOCK ? 1 : 2;
    tail[used] = 0x80;
    memset(tail + used + 1, 0, blocks * BLOCK - used - 1);
    uint64_t bits = message_bytes << 3;
    for (int index = 0; index < 8; index++) tail[blocks * BLOCK - 1 - index] = (unsigned char)(bits >> (8 * index));
    return blocks;
}

static void begin(struct lane *lane, const struct hb_message *message, uint8_t *digest) {
    memcpy(lane->state, initial, sizeof initial);
    lane->bytes = message->bytes;
    lane->blocks = message->count / BLOCK;
    lane->digest = digest;
    size_t rest = message->count % BLOCK;
    if (rest > 0) memcpy(lane->tail, lane->bytes + lane->blocks * BLOCK, rest);
    lane->tail_blocks = pad(lane->tail, rest, message->count);
    if (lane->blocks == 0) {
        lane->bytes = lane->tail;
        lane->blocks = lane->tail_blocks;
        lane->tail_blocks = 0;
    }
}

// Whether there is more of the message; its digest is written when there is not.
static int advance(struct lane *lane, size_t blocks) {
    lane->bytes += blocks * BLOCK;
    lane->blocks -= blocks;
    if (lane->blocks > 0) return 1;
    if (lane->tail_blocks > 0) {
        lane->bytes = lane->tail;
        lane->blocks = lane->tail_blocks;
        lane->tail_blocks = 0;
        return 1;
    }
    put_digest(lane->state, lane->digest);
    return 0;
}

static void many(const struct hb_message *messages, size_t count, uint8_t *digests, compress_one one, compress_two two) {
    struct lane lanes[2];
    int active[2] = {0, 0};
    size_t next = 0;
    for (;;) {
        for (int index = 0; index < 2; index++) {
            if (active[index] || next == count) continue;
            begin(&lanes[index], &messages[next], digests + next * HB_SHA256_BYTES);
            active[index] = 1;
            next++;
        }
        if (!active[0] || !active[1]) break;
        size_t blocks = lanes[0].blocks < lanes[1].blocks ? lanes[0].blocks : lanes[1].blocks;
        uint32_t *const states[2] = {lanes[0].state, lanes[1].state};
        const unsigned char *const bytes[2] = {lanes[0].bytes, lanes[1].bytes};
        two(states, bytes, blocks);
        active[0] = advance(&lanes[0], blocks);
        active[1] = advance(&lanes[1], blocks);
    }
    for (int index = 0; index < 2; index++) {
        while (active[index]) {
            size_t blocks = lanes[index].blocks;
            one(lanes[index].state, lanes[index].bytes, blocks);
            active[index] = advance(&lanes[index], blocks);
        }
    }
}

void hb_sha256_many(const struct hb_message *messages, size_t count, uint8_t *digests) {
    many(messages, count, digests, selected_one, selected_two);
}

void hb_sha256_many_portable(const struct hb_message *messages, size_t count, uint8_t *digests) {
    many(messages, count, digests, portable_one, portable_two);
}

void hb_sha256_prefixed(uint8_t prefix, const void *bytes, size_t size, size_t count, uint8_t *digests) {
    unsigned char padded[2][2 * BLOCK];
    if (size > HB_SHA256_PREFIXED_MAX) __builtin_trap();
    const unsigned char *next = bytes;
    size_t blocks = 0;
    for (int lane = 0; lane < 2; lane++) {
        padded[lane][0] = prefix;
        blocks = pad(padded[lane], size + 1, size + 1);
    }
    uint32_t state[2][8];
    uint32_t *const states[2] = {state[0], state[1]};
    const unsigned char *const inputs[2] = {padded[0], padded[1]};
    size_t done = 0;
    for (; done + 2 <= count; done += 2, next += 2 * size) {
        memcpy(padded[0] + 1, next, size);
        memcpy(padded[1] + 1, next + size, size);
        memcpy(state[0], initial, sizeof initial);
        memcpy(state[1], initial, sizeof initial);
        selected_two(states, inputs, blocks);
        put_digest(state[0], digests + done * HB_SHA256_BYTES);
        put_digest(state[1], digests + (done + 1) * HB_SHA256_BYTES);
    }
    if (done < count) {
        if (size > 0) memcpy(padded[0] + 1, next, size);
        memcpy(state[0], initial, sizeof initial);
        selected_one(state[0], padded[0], blocks);
        put_digest(state[0], digests + done * HB_SHA256_BYTES);
    }
}

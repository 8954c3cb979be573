#include "CCompression.h"

#include <lz4frame.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

// MARK: Inflating

struct hb_inflater {
    int codec;
    z_stream gzip;
    LZ4F_dctx *lz4;
    ZSTD_DStream *zstd;
};

// Window bits 15, and 16 more: a gzip header is expected.
#define GZIP_WINDOW (15 + 16)

hb_inflater *hb_inflater_create(int codec) {
    hb_inflater *inflater = calloc(1, sizeof *inflater);
    if (inflater == NULL) return NULL;
    inflater->codec = codec;
    int ready = 0;
    switch (codec) {
    case HB_GZIP: ready = inflateInit2(&inflater->gzip, GZIP_WINDOW) == Z_OK; break;
    case HB_LZ4: ready = !LZ4F_isError(LZ4F_createDecompressionContext(&inflater->lz4, LZ4F_VERSION)); break;
    case HB_ZSTD: ready = (inflater->zstd = ZSTD_createDStream()) != NULL; break;
    default: break;
    }
    if (ready) return inflater;
    free(inflater);
    return NULL;
}

void hb_inflater_destroy(hb_inflater *inflater) {
    if (inflater == NULL) return;
    switch (inflater->codec) {
    case HB_GZIP: inflateEnd(&inflater->gzip); break;
    case HB_LZ4: LZ4F_freeDecompressionContext(inflater->lz4); break;
    case HB_ZSTD: ZSTD_freeDStream(inflater->zstd); break;
    default: break;
    }
    free(inflater);
}

// zlib counts in 32 bits.
static uInt at_most_32_bits(size_t count) { return count > (1u << 30) ? (1u << 30) : (uInt)count; }

static enum hb_inflate_status gzip_step(
    hb_inflater *inflater, const void *input, size_t input_count, size_t *consumed, void *output,
    size_t output_capacity, size_t *produced) {
    z_stream *stream = &inflater->gzip;
    uInt available_in = at_most_32_bits(input_count), available_out = at_most_32_bits(output_capacity);
    stream->next_in = (Bytef *)input;
    stream->avail_in = available_in;
    stream->next_out = output;
    stream->avail_out = available_out;
    int result = inflate(stream, Z_NO_FLUSH);
    *consumed = available_in - stream->avail_in;
    *produced = available_out - stream->avail_out;
    switch (result) {
    case Z_STREAM_END:
        return inflateReset(stream) == Z_OK ? HB_INFLATE_ENDED : HB_INFLATE_MALFORMED;
    case Z_OK:
    case Z_BUF_ERROR: return HB_INFLATE_MORE;
    case Z_MEM_ERROR: return HB_INFLATE_NO_MEMORY;
    default: return HB_INFLATE_MALFORMED;
    }
}

static enum hb_inflate_status lz4_step(
    hb_inflater *inflater, const void *input, size_t input_count, size_t *consumed, void *output,
    size_t output_capacity, size_t *produced) {
    size_t in = input_count, out = output_capacity;
    size_t hint = LZ4F_decompress(inflater->lz4, output, &out, input, &in, NULL);
    if (LZ4F_isError(hint)) return HB_INFLATE_MALFORMED;
    *consumed = in;
    *produced = out;
    return hint == 0 ? HB_INFLATE_ENDED : HB_INFLATE_MORE;
}

static enum hb_inflate_status zstd_step(
    hb_inflater *inflater, const void *input, size_t input_count, size_t *consumed, void *output,
    size_t output_capacity, size_t *produced) {
    ZSTD_inBuffer in = {input, input_count, 0};
    ZSTD_outBuffer out = {output, output_capacity, 0};
    size_t hint = ZSTD_decompressStream(inflater->zstd, &out, &in);
    if (ZSTD_isError(hint)) return HB_INFLATE_MALFORMED;
    *consumed = in.pos;
    *produced = out.pos;
    return hint == 0 ? HB_INFLATE_ENDED : HB_INFLATE_MORE;
}

enum hb_inflate_status hb_inflater_step(
    hb_inflater *inflater, const void *input, size_t input_count, size_t *consumed, void *output,
    size_t output_capacity, size_t *produced) {
    *consumed = 0;
    *produced = 0;
    switch (inflater->codec) {
    case HB_GZIP: return gzip_step(inflater, input, input_count, consumed, output, output_capacity, produced);
    case HB_LZ4: return lz4_step(inflater, input, input_count, consumed, output, output_capacity, produced);
    case HB_ZSTD: return zstd_step(inflater, input, input_count, consumed, output, output_capacity, produced);
    default: return HB_INFLATE_MALFORMED;
    }
}

int64_t hb_snappy_inflated_size(const void *block, size_t count) {
    size_t size = 0;
    if (snappy_uncompressed_length(block, count, &size) != SNAPPY_OK) return -1;
    return (int64_t)size;
}

int hb_snappy_inflate(const void *block, size_t count, void *output, size_t output_size) {
    size_t size = output_size;
    return snappy_uncompress(block, count, output, &size) == SNAPPY_OK && size == output_size;
}

// MARK: Deflating

size_t hb_deflate_bound(int codec, size_t count) {
    switch (codec) {
    case HB_GZIP: return compressBound(count) + 18; // a gzip header and trailer are 12 bytes longer than zlib's
    case HB_SNAPPY: return snappy_max_compressed_length(count);
    case HB_LZ4: return LZ4F_compressFrameBound(count, NULL);
    case HB_ZSTD: return ZSTD_compressBound(count);
    default: return 0;
    }
}

static size_t gzip_deflate(int level, const void *input, size_t count, void *output, size_t output_capacity) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (count > UINT32_MAX || output_capacity > UINT32_MAX) return 0;
    if (deflateInit2(&stream, level, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    stream.next_in = (Bytef *)input;
    stream.avail_in = (uInt)count;
    stream.next_out = output;
    stream.avail_out = (uInt)output_capacity;
    int result = deflate(&stream, Z_FINISH);
    size_t size = stream.total_out;
    deflateEnd(&stream);
    return result == Z_STREAM_END ? size : 0;
}

static size_t lz4_deflate(const void *input, size_t count, void *output, size_t output_capacity) {
    // Independent blocks: Kafka's Java clients read no others (KIP-57).
    LZ4F_preferences_t preferences;
    memset(&preferences, 0, sizeof preferences);
    preferences.frameInfo.blockMode = LZ4F_blockIndependent;
    preferences.frameInfo.blockSizeID = LZ4F_max64KB;
    size_t size = LZ4F_compressFrame(output, output_capacity, input, count, &preferences);
    return LZ4F_isError(size) ? 0 : size;
}

size_t hb_deflate(int codec, int fast, const void *input, size_t count, void *output, size_t output_capacity) {
    size_t size = output_capacity;
    switch (codec) {
    case HB_GZIP: return gzip_deflate(fast ? Z_BEST_SPEED : Z_DEFAULT_COMPRESSION, input, count, output, output_capacity);
    case HB_SNAPPY: return snappy_compress(input, count, output, &size) == SNAPPY_OK ? size : 0;
    case HB_LZ4: return lz4_deflate(input, count, output, output_capacity);
    case HB_ZSTD:
        size = ZSTD_compress(output, output_capacity, input, count, fast ? 1 : 3);
        return ZSTD_isError(size) ? 0 : size;
    default: return 0;
    }
}

// MARK: Checksums

// zlib counts in unsigned int: nothing here is larger than a record batch's worth, and what is, is refused.
static int has_raw_stream_size(size_t count) { return count <= UINT32_MAX; }

size_t hb_raw_deflate(const void *input, size_t count, void *output, size_t output_capacity) {
    if (!has_raw_stream_size(count) || !has_raw_stream_size(output_capacity)) return 0;
    z_stream stream = {.next_in = (Bytef *)input, .avail_in = (uInt)count, .next_out = output, .avail_out = (uInt)output_capacity};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    int result = deflate(&stream, Z_FINISH);
    size_t produced = stream.total_out;
    deflateEnd(&stream);
    return result == Z_STREAM_END ? produced : 0;
}

int hb_raw_inflate(const void *input, size_t count, void *output, size_t output_size) {
    if (!has_raw_stream_size(count) || !has_raw_stream_size(output_size)) return 0;
    z_stream stream = {.next_in = (Bytef *)input, .avail_in = (uInt)count, .next_out = output, .avail_out = (uInt)output_size};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return 0;
    int result = inflate(&stream, Z_FINISH);
    int is_whole = result == Z_STREAM_END && stream.avail_in == 0 && stream.avail_out == 0;
    inflateEnd(&stream);
    return is_whole;
}

uint32_t hb_crc32(const void *bytes, size_t count) {
    uLong crc = crc32(0, Z_NULL, 0);
    const Bytef *position = bytes;
    while (count > 0) {
        uInt step = at_most_32_bits(count);
        crc = crc32(crc, position, step);
        position += step;
        count -= step;
    }
    return (uint32_t)crc;
}

static uint32_t rotated(uint32_t value, int bits) { return value << bits | value >> (32 - bits); }

static uint32_t little_endian(const unsigned char *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

uint32_t hb_xxh32(const void *input, size_t count) {
    const uint32_t prime1 = 2654435761u, prime2 = 2246822519u, prime3 = 3266489917u, prime4 = 668265263u, prime5 = 374761393u;
    const unsigned char *bytes = input, *end = bytes + count;
    uint32_t hash = prime5;
    if (count >= 16) {
        uint32_t lanes[4] = {prime1 + prime2, prime2, 0, 0u - prime1};
        for (; end - bytes >= 16; bytes += 16)
            for (int lane = 0; lane < 4; lane++)
                lanes[lane] = rotated(lanes[lane] + little_endian(bytes + 4 * lane) * prime2, 13) * prime1;
        hash = rotated(lanes[0], 1) + rotated(lanes[1], 7) + rotated(lanes[2], 12) + rotated(lanes[3], 18);
    }
    hash += (uint32_t)count;
    for (; end - bytes >= 4; bytes += 4) hash = rotated(hash + little_endian(bytes) * prime3, 17) * prime4;
    for (; bytes < end; bytes++) hash = rotated(hash + *bytes * prime5, 11) * prime1;
    hash = (hash ^ hash >> 15) * prime2;
    hash = (hash ^ hash >> 13) * prime3;
    return hash ^ hash >> 16;
}

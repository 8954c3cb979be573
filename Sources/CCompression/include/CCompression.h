#pragma once

// The four codecs of record batches, from the system's zlib, zstd, lz4 and snappy, in one shape each way. Inflating is a
// stream with the caller's output buffer, so that the caller decides how much may come out; no size that the data
// declares about itself is used for an allocation here, other than the decoders' windows (at most 128 MB of address space, touched
// only as far as data comes out).

#include <stddef.h>
#include <stdint.h>

// The numbers of a batch's attributes.
enum { HB_GZIP = 1, HB_SNAPPY = 2, HB_LZ4 = 3, HB_ZSTD = 4 };

enum hb_inflate_status {
    HB_INFLATE_MORE = 0,      // the stream goes on
    HB_INFLATE_ENDED = 1,     // a frame ended exactly at what was consumed
    HB_INFLATE_MALFORMED = 2,
    HB_INFLATE_NO_MEMORY = 3,
};

typedef struct hb_inflater hb_inflater;

// For HB_GZIP, HB_LZ4 and HB_ZSTD. NULL when memory is out.
hb_inflater *_Nullable hb_inflater_create(int codec);
void hb_inflater_destroy(hb_inflater *_Nullable inflater);

// Consumes some of `input` and fills some of `output`. Frames may follow each other.
enum hb_inflate_status hb_inflater_step(
    hb_inflater *_Nonnull inflater, const void *_Nonnull input, size_t input_count, size_t *_Nonnull consumed,
    void *_Nonnull output, size_t output_capacity, size_t *_Nonnull produced);

// A raw snappy block: its declared size (-1 when malformed), and its content into a buffer of exactly that size.
int64_t hb_snappy_inflated_size(const void *_Nonnull block, size_t count);
int hb_snappy_inflate(const void *_Nonnull block, size_t count, void *_Nonnull output, size_t output_size);

// The most that `count` bytes can deflate to, and the deflated size (0 when the codec failed). `fast`: gzip and zstd at level 1.
size_t hb_deflate_bound(int codec, size_t count);
size_t hb_deflate(
    int codec, int fast, const void *_Nonnull input, size_t count, void *_Nonnull output, size_t output_capacity);

// A deflate stream without a frame (RFC 1951), as zip files hold it. The deflated size, or 0 when it does not fit the capacity or the codec
// failed; and 1 when exactly the whole input was a stream of exactly `output_size` bytes.
size_t hb_raw_deflate(const void *_Nonnull input, size_t count, void *_Nonnull output, size_t output_capacity);
int hb_raw_inflate(const void *_Nonnull input, size_t count, void *_Nonnull output, size_t output_size);

// CRC-32 of IEEE 802.3, as message formats 0 and 1 have it.
uint32_t hb_crc32(const void *_Nonnull bytes, size_t count);

// XXH32 with seed 0: the checksum of an lz4 frame's header.
uint32_t hb_xxh32(const void *_Nonnull bytes, size_t count);

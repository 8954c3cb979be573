#pragma once

#include <stddef.h>
#include <stdint.h>

// SHA-256 (FIPS 180-4) of many messages at once: what a tree of hashes is made of are millions of short messages, and the
// processor's SHA instructions wait for each other within one message. Two messages side by side hide that wait.

#define HB_SHA256_BYTES 32

// Where a message is.
struct hb_message {
    const void *_Nullable bytes;
    size_t count;
};

// The digests of `count` messages, one behind the other in `digests`. Messages of like lengths side by side are fastest.
void hb_sha256_many(const struct hb_message *_Nullable messages, size_t count, uint8_t *_Nullable digests);

// The digests of `count` messages of one prefix byte and `size` bytes each, which stand one behind the other: the leaves of
// entries, the nodes of a level's hashes (RFC 6962, section 2.1). `size` is at most HB_SHA256_PREFIXED_MAX.
#define HB_SHA256_PREFIXED_MAX 118
void hb_sha256_prefixed(uint8_t prefix, const void *_Nullable bytes, size_t size, size_t count, uint8_t *_Nullable digests);

// The first without the processor's instructions; what runs where there are none.
void hb_sha256_many_portable(const struct hb_message *_Nullable messages, size_t count, uint8_t *_Nullable digests);

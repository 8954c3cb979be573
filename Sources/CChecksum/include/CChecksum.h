#pragma once

#include <stddef.h>
#include <stdint.h>

// CRC-32C (Castagnoli, RFC 3720 appendix B.4), the checksum of record batches and of log frames.
// `crc` is 0 for a new checksum, or the result for the bytes before these.
uint32_t hb_crc32c(uint32_t crc, const void *_Nullable bytes, size_t count);

// The same without the processor's instructions; what runs where there are none.
uint32_t hb_crc32c_portable(uint32_t crc, const void *_Nullable bytes, size_t count);

// Time-stamps of RFC 3161 by the system's OpenSSL: requests made, answers judged. Included by CTrust.h, whose rules hold here too.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { CT_IMPRINT_BYTES = 32, CT_NONCE_BYTES = 8 };

typedef enum {
    CT_STAMP_HOLDS = 0,
    /// Not the DER of a time-stamp's answer.
    CT_STAMP_MALFORMED,
    /// The authority refuses: `words` says why where it does.
    CT_STAMP_REFUSED,
    /// Over something else, by another digest than SHA-256, or in answer to another request.
    CT_STAMP_OTHER,
    /// Its signature, or the path of its signer to the anchors, does not hold.
    CT_STAMP_UNTRUSTED,
    CT_STAMP_OUT_OF_MEMORY,
} ct_stamp_outcome;

typedef struct {
    ct_stamp_outcome outcome;
    /// Seconds since 1970, rounded down: when the authority says it saw the imprint. Also where the signer is not trusted.
    int64_t seconds;
    /// The authority's policy, dotted.
    char policy[128];
    /// OpenSSL's or the authority's words.
    char words[256];
} ct_stamp;

/// A request (RFC 3161, 2.4.1) for a SHA-256 digest, with a nonce, that asks for the signer's certificate. The bytes written, or 0.
size_t ct_stamp_request(
    const uint8_t imprint[CT_IMPRINT_BYTES], const uint8_t nonce[CT_NONCE_BYTES], uint8_t *out, size_t capacity);

/// Judges an answer (2.4.2) over `imprint`; in answer to `nonce` where that is not null. The signer's path to one of the anchors has to hold at
/// the time that the token says: years later it is still that moment's.
ct_stamp ct_stamp_verify(
    ct_span response, const uint8_t imprint[CT_IMPRINT_BYTES], const uint8_t *nonce, const ct_span *anchors, size_t anchor_count);

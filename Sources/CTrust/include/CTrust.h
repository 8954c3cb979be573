// CTrust: certificate path validation by the system's OpenSSL 3, reduced to what Identity needs.
//
// One `ct_authority` is the trust in one certificate authority: anchors, intermediates, revocation lists. It is filled by
// one thread, then only read: `ct_authority_validate` may run on many threads at once (X509_STORE and X509 lock inside).
// No OpenSSL type, error queue or allocation leaves this file except through the two free functions below.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct ct_authority ct_authority;
typedef struct ct_path ct_path;

typedef enum {
    CT_VALID = 0,
    CT_MALFORMED,
    CT_UNKNOWN_AUTHORITY,
    CT_EXPIRED,
    CT_NOT_YET_VALID,
    CT_REVOKED,
    CT_WRONG_PURPOSE,
    CT_WEAK_KEY,
    CT_LIST_MISSING,
    CT_LIST_UNUSABLE,
    CT_INVALID_PATH,
    CT_OUT_OF_MEMORY,
} ct_outcome;

typedef struct {
    const uint8_t *bytes;
    size_t length;
} ct_span;

typedef struct {
    ct_outcome outcome;
    /// OpenSSL's words for a path that does not hold; static storage. Null when there are none.
    const char *words;
    /// Seconds since 1970: the bound that CT_EXPIRED or CT_NOT_YET_VALID hurt.
    int64_t bound;
    /// Seconds since 1970, when CT_VALID: every certificate of the path is valid in [not_before, not_after).
    int64_t not_before;
    int64_t not_after;
    /// The end of the node's own certificate.
    int64_t leaf_not_after;
    /// The earliest next update among the lists that cover the path; INT64_MAX when revocation is not checked. A list past it
    /// is still used: how long is the caller's decision.
    int64_t list_next_update;
    /// When CT_VALID: to be freed by `ct_path_free`.
    ct_path *path;
} ct_verdict;

typedef struct {
    int is_authority;
    int is_self_issued;
    /// The common name or else the whole subject, UTF-8, truncated.
    char name[256];
} ct_certificate_facts;

typedef struct {
    /// Seconds since 1970.
    int64_t this_update;
    int64_t next_update;
    size_t revoked_count;
    /// The signer's name as in `ct_certificate_facts`.
    char issuer[256];
    /// Index of the certificate that signed it: anchors in the order added, then intermediates.
    size_t signer;
} ct_list_facts;

/// Whether the key of a certificate made a signature over bytes: SHA-256 with ECDSA (DER) or RSA (PKCS #1 v1.5). Nothing is said of the
/// certificate. CT_VALID; CT_MALFORMED for what is no certificate; CT_WEAK_KEY for a key of another kind or too small;
/// CT_INVALID_PATH where the signature is not its key's.
ct_outcome ct_signature_verify(ct_span certificate, ct_span signature, ct_span bytes);

/// Null when out of memory. `intermediates_max` bounds the certificates between node and anchor.
ct_authority *ct_authority_create(int checks_revocation, int intermediates_max);
void ct_authority_free(ct_authority *authority);

/// Reads a certificate without trusting it. CT_VALID or CT_MALFORMED.
ct_outcome ct_certificate_inspect(ct_span der, ct_certificate_facts *facts);

ct_outcome ct_authority_add_anchor(ct_authority *authority, ct_span der);
ct_outcome ct_authority_add_intermediate(ct_authority *authority, ct_span der);

/// Adds a revocation list that one of the certificates added so far signed. CT_MALFORMED: not a DER list;
/// CT_UNKNOWN_AUTHORITY: signed by none of them; CT_LIST_UNUSABLE: without a next update, `words` says so.
ct_outcome ct_authority_add_list(ct_authority *authority, ct_span der, ct_list_facts *facts);

/// Validates a client's chain, its own certificate first, at `now`, seconds since 1970. With `forgives_ends` all of it has to hold but that
/// a certificate of the path has ended: OpenSSL finds the end of an authority before it looks at what that signed.
ct_verdict ct_authority_validate(
    const ct_authority *authority, const ct_span *chain, size_t count, int64_t now, int forgives_ends);

/// The validated path, the node's certificate first, the anchor last.
size_t ct_path_count(const ct_path *path);
ct_span ct_path_certificate(const ct_path *path, size_t index);
void ct_path_free(ct_path *path);

#include "CTimestamp.h"

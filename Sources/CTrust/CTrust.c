#include "CTrust.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

struct ct_authority {
    X509_STORE *store;
    // The same certificates again, in the order added, to find who signed a list.
    STACK_OF(X509) *anchors;
    STACK_OF(X509) *intermediates;
    int checks_revocation;
    int intermediates_max;
};

struct ct_path {
    size_t count;
    ct_span certificates[];
};

// Security level 2 of OpenSSL: 112 bits, so RSA from 2048 and no SHA-1. Curves are checked separately: P-224 would pass.
static const int security_level = 2;
// A longer modulus only costs us time: one verification of 16384 bits takes milliseconds.
static const int rsa_bits_max = 8192;

// MARK: Reading

static X509 *certificate_from(ct_span der) {
    if (der.length == 0 || der.length > LONG_MAX) return NULL;
    const unsigned char *cursor = der.bytes;
    X509 *certificate = d2i_X509(NULL, &cursor, (long)der.length);
    if (certificate != NULL && cursor != der.bytes + der.length) {
        X509_free(certificate);
        certificate = NULL;
    }
    return certificate;
}

static int64_t seconds_of(const ASN1_TIME *time, int64_t otherwise) {
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;
    int readable = epoch != NULL && time != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time);
    ASN1_TIME_free(epoch);
    return readable ? (int64_t)days * 86400 + seconds : otherwise;
}

// The last common name, as UTF-8; where there is none, the whole name in RFC 2253 form. For people only, never compared.
static void copy_name(X509_NAME *name, char *out, size_t capacity) {
    out[0] = 0;
    int at = -1, found = -1;
    while ((at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0) found = at;
    if (found >= 0) {
        unsigned char *text = NULL;
        int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, found)));
        if (length > 0) {
            size_t kept = (size_t)length < capacity - 1 ? (size_t)length : capacity - 1;
            memcpy(out, text, kept);
            out[kept] = 0;
        }
        OPENSSL_free(text);
        if (length > 0) return;
    }
    BIO *memory = BIO_new(BIO_s_mem());
    if (memory == NULL) return;
    X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
    int length = BIO_read(memory, out, (int)capacity - 1);
    out[length > 0 ? length : 0] = 0;
    BIO_free(memory);
}

static int is_authority(X509 *certificate) {
    uint32_t flags = X509_get_extension_flags(certificate);
    return (flags & EXFLAG_BCONS) != 0 && (flags & EXFLAG_CA) != 0 && (flags & EXFLAG_INVALID) == 0;
}

ct_outcome ct_certificate_inspect(ct_span der, ct_certificate_facts *facts) {
    X509 *certificate = certificate_from(der);
    if (certificate == NULL) {
        ERR_clear_error();
        return CT_MALFORMED;
    }
    facts->is_authority = is_authority(certificate);
    facts->is_self_issued = X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0;
    copy_name(X509_get_subject_name(certificate), facts->name, sizeof facts->name);
    X509_free(certificate);
    ERR_clear_error();
    return CT_VALID;
}

// MARK: Building

ct_authority *ct_authority_create(int checks_revocation, int intermediates_max) {
    ct_authority *authority = calloc(1, sizeof *authority);
    if (authority == NULL) return NULL;
    authority->store = X509_STORE_new();
    authority->anchors = sk_X509_new_null();
    authority->intermediates = sk_X509_new_null();
    authority->checks_revocation = checks_revocation;
    authority->intermediates_max = intermediates_max;
    if (authority->store == NULL || authority->anchors == NULL || authority->intermediates == NULL) {
        ct_authority_free(authority);
        return NULL;
    }
    return authority;
}

void ct_authority_free(ct_authority *authority) {
    if (authority == NULL) return;
    X509_STORE_free(authority->store);
    sk_X509_pop_free(authority->anchors, X509_free);
    sk_X509_pop_free(authority->intermediates, X509_free);
    free(authority);
}

ct_outcome ct_authority_add_anchor(ct_authority *authority, ct_span der) {
    X509 *certificate = certificate_from(der);
    ct_outcome outcome = CT_MALFORMED;
    if (certificate != NULL) {
        outcome = CT_OUT_OF_MEMORY;
        if (X509_STORE_add_cert(authority->store, certificate) && sk_X509_push(authority->anchors, certificate) > 0) {
            certificate = NULL;
            outcome = CT_VALID;
        }
    }
    X509_free(certificate);
    ERR_clear_error();
    return outcome;
}

ct_outcome ct_authority_add_intermediate(ct_authority *authority, ct_span der) {
    X509 *certificate = certificate_from(der);
    ct_outcome outcome = CT_MALFORMED;
    if (certificate != NULL) {
        outcome = CT_OUT_OF_MEMORY;
        if (sk_X509_push(authority->intermediates, certificate) > 0) {
            certificate = NULL;
            outcome = CT_VALID;
        }
    }
    X509_free(certificate);
    ERR_clear_error();
    return outcome;
}

static int signed_by(X509_CRL *list, X509 *signer) {
    if (X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(signer)) != 0) return 0;
    if (!(X509_get_key_usage(signer) & KU_CRL_SIGN)) return 0;
    EVP_PKEY *key = X509_get0_pubkey(signer);
    return key != NULL && X509_CRL_verify(list, key) == 1;
}

// Index of the signer among anchors, then intermediates; -1 when it is none of them.
static int signer_of(const ct_authority *authority, X509_CRL *list) {
    int anchors = sk_X509_num(authority->anchors);
    for (int index = 0; index < anchors; index++) {
        if (signed_by(list, sk_X509_value(authority->anchors, index))) return index;
    }
    for (int index = 0; index < sk_X509_num(authority->intermediates); index++) {
        if (signed_by(list, sk_X509_value(authority->intermediates, index))) return anchors + index;
    }
    return -1;
}

static ct_outcome add_list(ct_authority *authority, X509_CRL *list, ct_list_facts *facts) {
    int signer = signer_of(authority, list);
    if (signer < 0) return CT_UNKNOWN_AUTHORITY;
    if (X509_CRL_get0_nextUpdate(list) == NULL) return CT_LIST_UNUSABLE;
    facts->signer = (size_t)signer;
    facts->this_update = seconds_of(X509_CRL_get0_lastUpdate(list), 0);
    facts->next_update = seconds_of(X509_CRL_get0_nextUpdate(list), 0);
    STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(list);
    facts->revoked_count = revoked == NULL ? 0 : (size_t)sk_X509_REVOKED_num(revoked);
    copy_name(X509_CRL_get_issuer(list), facts->issuer, sizeof facts->issuer);
    return X509_STORE_add_crl(authority->store, list) ? CT_VALID : CT_OUT_OF_MEMORY;
}

ct_outcome ct_authority_add_list(ct_authority *authority, ct_span der, ct_list_facts *facts) {
    if (der.length == 0 || der.length > LONG_MAX) return CT_MALFORMED;
    const unsigned char *cursor = der.bytes;
    X509_CRL *list = d2i_X509_CRL(NULL, &cursor, (long)der.length);
    ct_outcome outcome = CT_MALFORMED;
    if (list != NULL && cursor == der.bytes + der.length) outcome = add_list(authority, list, facts);
    X509_CRL_free(list);
    ERR_clear_error();
    return outcome;
}

// MARK: Validating

static ct_outcome outcome_of(int error, int depth) {
    switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
        return CT_UNKNOWN_AUTHORITY;
    case X509_V_ERR_CERT_HAS_EXPIRED: return CT_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID: return CT_NOT_YET_VALID;
    case X509_V_ERR_CERT_REVOKED: return CT_REVOKED;
    case X509_V_ERR_INVALID_PURPOSE: return depth == 0 ? CT_WRONG_PURPOSE : CT_INVALID_PATH;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
        return CT_WEAK_KEY;
    case X509_V_ERR_UNABLE_TO_GET_CRL: return CT_LIST_MISSING;
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
    case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
        return CT_LIST_UNUSABLE;
    case X509_V_ERR_OUT_OF_MEM: return CT_OUT_OF_MEMORY;
    default: return CT_INVALID_PATH;
    }
}

// Two things that OpenSSL calls errors are left to the caller or to the operator:
// - a list past its next update: how long it is still good for is a matter of policy, and of new or live connections;
// - an anchor that no list covers: the operator's configuration made it an anchor and can end that; where it is a
//   subordinate of a root that is not trusted here, the root's list could not even be verified.
static int judge(int passed, X509_STORE_CTX *context) {
    if (passed) return 1;
    switch (X509_STORE_CTX_get_error(context)) {
    case X509_V_ERR_CRL_HAS_EXPIRED:
        return 1;
    case X509_V_ERR_UNABLE_TO_GET_CRL: {
        STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
        return X509_STORE_CTX_get_error_depth(context) > 0
            && X509_STORE_CTX_get_error_depth(context) == sk_X509_num(chain) - 1;
    }
    default:
        return 0;
    }
}

static int judge_forgiving_ends(int passed, X509_STORE_CTX *context) {
    if (!passed && X509_STORE_CTX_get_error(context) == X509_V_ERR_CERT_HAS_EXPIRED) return 1;
    return judge(passed, context);
}

static int key_is_strong(X509 *certificate) {
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    if (key == NULL) return 0;
    int bits = EVP_PKEY_get_bits(key);
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
        return bits >= 2048 && bits <= rsa_bits_max;
    case EVP_PKEY_EC: {
        char group[64];
        size_t length = 0;
        if (!EVP_PKEY_get_group_name(key, group, sizeof group, &length)) return 0;
        int curve = OBJ_sn2nid(group);
        return curve == NID_X9_62_prime256v1 || curve == NID_secp384r1 || curve == NID_secp521r1;
    }
    default:
        return 0;
    }
}

// What OpenSSL's purpose check leaves open: it takes an absent extended key usage for any purpose, an authority's
// certificate as a client's, a version 1 certificate as an authority, and P-224.
static ct_outcome stricter(STACK_OF(X509) *path) {
    X509 *leaf = sk_X509_value(path, 0);
    if (!(X509_get_extension_flags(leaf) & EXFLAG_XKUSAGE)) return CT_WRONG_PURPOSE;
    if (!(X509_get_extended_key_usage(leaf) & XKU_SSL_CLIENT)) return CT_WRONG_PURPOSE;
    if (X509_get_extension_flags(leaf) & EXFLAG_CA) return CT_WRONG_PURPOSE;
    for (int index = 0; index < sk_X509_num(path); index++) {
        if (!key_is_strong(sk_X509_value(path, index))) return CT_WEAK_KEY;
        if (index > 0 && !is_authority(sk_X509_value(path, index))) return CT_INVALID_PATH;
    }
    return CT_VALID;
}

static ct_path *copy_path(STACK_OF(X509) *chain) {
    size_t count = (size_t)sk_X509_num(chain);
    ct_path *path = calloc(1, sizeof *path + count * sizeof path->certificates[0]);
    if (path == NULL) return NULL;
    path->count = count;
    for (size_t index = 0; index < count; index++) {
        unsigned char *bytes = NULL;
        int length = i2d_X509(sk_X509_value(chain, (int)index), &bytes);
        if (length <= 0) {
            ct_path_free(path);
            return NULL;
        }
        path->certificates[index] = (ct_span){bytes, (size_t)length};
    }
    return path;
}

// Among the lists of one issuer OpenSSL takes one that is in time where there is one, hence the latest next update of an
// issuer; the path is as fresh as its stalest issuer.
static int64_t next_update_of(X509_STORE_CTX *context, STACK_OF(X509) *path) {
    int64_t earliest = INT64_MAX;
    for (int index = 0; index + 1 < sk_X509_num(path); index++) {
        STACK_OF(X509_CRL) *lists = X509_STORE_CTX_get1_crls(context, X509_get_issuer_name(sk_X509_value(path, index)));
        int64_t latest = 0;
        for (int at = 0; lists != NULL && at < sk_X509_CRL_num(lists); at++) {
            int64_t next = seconds_of(X509_CRL_get0_nextUpdate(sk_X509_CRL_value(lists, at)), 0);
            if (next > latest) latest = next;
        }
        sk_X509_CRL_pop_free(lists, X509_CRL_free);
        if (latest < earliest) earliest = latest;
    }
    return earliest;
}

static void describe_failure(X509_STORE_CTX *context, ct_verdict *verdict) {
    int error = X509_STORE_CTX_get_error(context);
    verdict->outcome = outcome_of(error, X509_STORE_CTX_get_error_depth(context));
    verdict->words = X509_verify_cert_error_string(error);
    X509 *certificate = X509_STORE_CTX_get_current_cert(context);
    if (certificate == NULL) return;
    if (verdict->outcome == CT_EXPIRED) verdict->bound = seconds_of(X509_get0_notAfter(certificate), 0);
    if (verdict->outcome == CT_NOT_YET_VALID) verdict->bound = seconds_of(X509_get0_notBefore(certificate), 0);
}

static void describe_success(X509_STORE_CTX *context, int checks_revocation, ct_verdict *verdict) {
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
    verdict->outcome = stricter(chain);
    if (verdict->outcome != CT_VALID) {
        verdict->words = verdict->outcome == CT_INVALID_PATH ? "a certificate of the path is not an authority's" : NULL;
        return;
    }
    verdict->not_before = INT64_MIN;
    verdict->not_after = INT64_MAX;
    for (int index = 0; index < sk_X509_num(chain); index++) {
        X509 *certificate = sk_X509_value(chain, index);
        int64_t from = seconds_of(X509_get0_notBefore(certificate), INT64_MAX);
        int64_t until = seconds_of(X509_get0_notAfter(certificate), INT64_MIN);
        if (from > verdict->not_before) verdict->not_before = from;
        if (until < verdict->not_after) verdict->not_after = until;
        if (index == 0) verdict->leaf_not_after = until;
    }
    verdict->list_next_update = checks_revocation ? next_update_of(context, chain) : INT64_MAX;
    verdict->path = copy_path(chain);
    if (verdict->path == NULL) verdict->outcome = CT_OUT_OF_MEMORY;
}

static void validate(
    const ct_authority *authority, X509 *leaf, STACK_OF(X509) *others, int64_t now, int forgives_ends, ct_verdict *verdict) {
    verdict->outcome = CT_OUT_OF_MEMORY;
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    if (context == NULL || !X509_STORE_CTX_init(context, authority->store, leaf, others)) {
        X509_STORE_CTX_free(context);
        return;
    }
    X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param(context);
    // PARTIAL_CHAIN: an anchor need not be self-signed. CHECK_SS_SIGNATURE is not needed: anchors are trusted as given.
    unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
    if (authority->checks_revocation) flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
    X509_VERIFY_PARAM_set_flags(parameters, flags);
    X509_VERIFY_PARAM_set_time(parameters, (time_t)now);
    X509_VERIFY_PARAM_set_depth(parameters, authority->intermediates_max);
    X509_VERIFY_PARAM_set_auth_level(parameters, security_level);
    X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_CLIENT);
    X509_STORE_CTX_set_verify_cb(context, forgives_ends ? judge_forgiving_ends : judge);
    if (X509_verify_cert(context) == 1) {
        describe_success(context, authority->checks_revocation, verdict);
    } else {
        describe_failure(context, verdict);
    }
    X509_STORE_CTX_free(context);
}

ct_verdict ct_authority_validate(
    const ct_authority *authority, const ct_span *chain, size_t count, int64_t now, int forgives_ends) {
    ct_verdict verdict = {.outcome = CT_MALFORMED};
    if (count == 0) return verdict;
    X509 *leaf = certificate_from(chain[0]);
    STACK_OF(X509) *others = sk_X509_new_null();
    int readable = leaf != NULL && others != NULL;
    for (size_t index = 1; readable && index < count; index++) {
        X509 *certificate = certificate_from(chain[index]);
        readable = certificate != NULL && sk_X509_push(others, certificate) > 0;
        if (!readable) X509_free(certificate);
    }
    for (int index = 0; readable && index < sk_X509_num(authority->intermediates); index++) {
        X509 *certificate = sk_X509_value(authority->intermediates, index);
        if (!X509_up_ref(certificate)) {
            readable = 0;
        } else if (sk_X509_push(others, certificate) <= 0) {
            X509_free(certificate);
            readable = 0;
        }
    }
    if (readable) validate(authority, leaf, others, now, forgives_ends, &verdict);
    sk_X509_pop_free(others, X509_free);
    X509_free(leaf);
    ERR_clear_error();
    return verdict;
}

size_t ct_path_count(const ct_path *path) { return path->count; }

ct_span ct_path_certificate(const ct_path *path, size_t index) { return path->certificates[index]; }

void ct_path_free(ct_path *path) {
    if (path == NULL) return;
    for (size_t index = 0; index < path->count; index++) OPENSSL_free((void *)path->certificates[index].bytes);
    free(path);
}

// MARK: Signatures

ct_outcome ct_signature_verify(ct_span der, ct_span signature, ct_span bytes) {
    X509 *certificate = certificate_from(der);
    if (certificate == NULL) {
        ERR_clear_error();
        return CT_MALFORMED;
    }
    ct_outcome outcome = CT_WEAK_KEY;
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context != NULL && key_is_strong(certificate)) {
        int verified = EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1
            && EVP_DigestVerify(context, signature.bytes, signature.length, bytes.bytes, bytes.length) == 1;
        outcome = verified ? CT_VALID : CT_INVALID_PATH;
    }
    EVP_MD_CTX_free(context);
    X509_free(certificate);
    ERR_clear_error();
    return outcome;
}

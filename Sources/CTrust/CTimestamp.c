#include "CTrust.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

// MARK: requests

static ASN1_INTEGER *integer_of(const uint8_t nonce[CT_NONCE_BYTES]) {
    BIGNUM *number = BN_bin2bn(nonce, CT_NONCE_BYTES, NULL);
    ASN1_INTEGER *integer = number ? BN_to_ASN1_INTEGER(number, NULL) : NULL;
    BN_free(number);
    return integer;
}

static TS_MSG_IMPRINT *imprint_of(const uint8_t digest[CT_IMPRINT_BYTES]) {
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    int is_made = imprint && algorithm && X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL)
        && TS_MSG_IMPRINT_set_algo(imprint, algorithm)
        && TS_MSG_IMPRINT_set_msg(imprint, (unsigned char *)digest, CT_IMPRINT_BYTES);
    X509_ALGOR_free(algorithm);
    if (is_made) return imprint;
    TS_MSG_IMPRINT_free(imprint);
    return NULL;
}

size_t ct_stamp_request(
    const uint8_t imprint[CT_IMPRINT_BYTES], const uint8_t nonce[CT_NONCE_BYTES], uint8_t *out, size_t capacity) {
    TS_REQ *request = TS_REQ_new();
    TS_MSG_IMPRINT *told = imprint_of(imprint);
    ASN1_INTEGER *number = integer_of(nonce);
    size_t written = 0;
    if (request && told && number && TS_REQ_set_version(request, 1) && TS_REQ_set_msg_imprint(request, told)
        && TS_REQ_set_nonce(request, number) && TS_REQ_set_cert_req(request, 1)) {
        int length = i2d_TS_REQ(request, NULL);
        if (length > 0 && (size_t)length <= capacity) written = (size_t)i2d_TS_REQ(request, &out);
    }
    ASN1_INTEGER_free(number);
    TS_MSG_IMPRINT_free(told);
    TS_REQ_free(request);
    ERR_clear_error();
    return written;
}

// MARK: answers

static void say(ct_stamp *stamp, const char *words) { snprintf(stamp->words, sizeof stamp->words, "%s", words); }

static ct_stamp_outcome with_openssl_words(ct_stamp *stamp, ct_stamp_outcome outcome) {
    const char *data = NULL;
    int flags = 0;
    unsigned long error = ERR_peek_last_error_data(&data, &flags);
    const char *reason = error ? ERR_reason_error_string(error) : NULL;
    // Where a path does not hold, what exactly is in the error's data.
    if (data && (flags & ERR_TXT_STRING) && *data) {
        snprintf(stamp->words, sizeof stamp->words, "%s: %s", reason ? reason : "OpenSSL", data);
    } else {
        say(stamp, reason ? reason : "OpenSSL does not say why");
    }
    return outcome;
}

static int is_granted(TS_RESP *response, ct_stamp *stamp) {
    TS_STATUS_INFO *status = TS_RESP_get_status_info(response);
    long value = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(status));
    if (value == TS_STATUS_GRANTED || value == TS_STATUS_GRANTED_WITH_MODS) return TS_RESP_get_token(response) != NULL;
    const STACK_OF(ASN1_UTF8STRING) *text = TS_STATUS_INFO_get0_text(status);
    const ASN1_UTF8STRING *first = sk_ASN1_UTF8STRING_num(text) > 0 ? sk_ASN1_UTF8STRING_value(text, 0) : NULL;
    if (first) {
        snprintf(stamp->words, sizeof stamp->words, "%.*s", ASN1_STRING_length(first), (const char *)ASN1_STRING_get0_data(first));
    } else {
        snprintf(stamp->words, sizeof stamp->words, "status %ld", value);
    }
    return 0;
}

static int is_of(TS_TST_INFO *info, const uint8_t imprint[CT_IMPRINT_BYTES], const uint8_t *nonce) {
    TS_MSG_IMPRINT *told = TS_TST_INFO_get_msg_imprint(info);
    const ASN1_OBJECT *digest = NULL;
    X509_ALGOR_get0(&digest, NULL, NULL, TS_MSG_IMPRINT_get_algo(told));
    ASN1_OCTET_STRING *bytes = TS_MSG_IMPRINT_get_msg(told);
    if (OBJ_obj2nid(digest) != NID_sha256 || ASN1_STRING_length(bytes) != CT_IMPRINT_BYTES
        || memcmp(ASN1_STRING_get0_data(bytes), imprint, CT_IMPRINT_BYTES) != 0)
        return 0;
    if (!nonce) return 1;
    const ASN1_INTEGER *answered = TS_TST_INFO_get_nonce(info);
    ASN1_INTEGER *asked = integer_of(nonce);
    int is_same = answered && asked && ASN1_INTEGER_cmp(answered, asked) == 0;
    ASN1_INTEGER_free(asked);
    return is_same;
}

static int read_time(TS_TST_INFO *info, ct_stamp *stamp) {
    struct tm parts;
    if (!ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &parts)) return 0;
    stamp->seconds = (int64_t)timegm(&parts);
    OBJ_obj2txt(stamp->policy, sizeof stamp->policy, TS_TST_INFO_get_policy_id(info), 1);
    return 1;
}

static X509_STORE *store_of(const ct_span *anchors, size_t count, int64_t now) {
    X509_STORE *store = X509_STORE_new();
    if (!store) return NULL;
    for (size_t index = 0; index < count; index++) {
        const unsigned char *bytes = anchors[index].bytes;
        X509 *certificate = d2i_X509(NULL, &bytes, (long)anchors[index].length);
        int is_added = certificate && X509_STORE_add_cert(store, certificate);
        X509_free(certificate);
        if (is_added) continue;
        X509_STORE_free(store);
        return NULL;
    }
    X509_VERIFY_PARAM *parameters = X509_STORE_get0_param(store);
    X509_VERIFY_PARAM_set_time(parameters, (time_t)now);
    // The auditor's file may name an authority below a root.
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
    return store;
}

static ct_stamp_outcome judge_signer(TS_RESP *response, const uint8_t imprint[CT_IMPRINT_BYTES], X509_STORE *store, ct_stamp *stamp) {
    TS_VERIFY_CTX *context = TS_VERIFY_CTX_new();
    unsigned char *copy = OPENSSL_memdup(imprint, CT_IMPRINT_BYTES);
    if (!context || !copy) {
        TS_VERIFY_CTX_free(context);
        OPENSSL_free(copy);
        X509_STORE_free(store);
        return CT_STAMP_OUT_OF_MEMORY;
    }
    TS_VERIFY_CTX_set_flags(context, TS_VFY_SIGNATURE | TS_VFY_VERSION | TS_VFY_IMPRINT);
    // Both belong to the context from here on.
    TS_VERIFY_CTX_set_imprint(context, copy, CT_IMPRINT_BYTES);
    TS_VERIFY_CTX_set_store(context, store);
    ERR_clear_error();
    int holds = TS_RESP_verify_response(context, response);
    ct_stamp_outcome outcome = holds == 1 ? CT_STAMP_HOLDS : with_openssl_words(stamp, CT_STAMP_UNTRUSTED);
    TS_VERIFY_CTX_free(context);
    return outcome;
}

static ct_stamp_outcome judge(
    TS_RESP *response, const uint8_t imprint[CT_IMPRINT_BYTES], const uint8_t *nonce, const ct_span *anchors, size_t count, ct_stamp *stamp) {
    if (!is_granted(response, stamp)) return CT_STAMP_REFUSED;
    TS_TST_INFO *info = TS_RESP_get_tst_info(response);
    if (!info || !read_time(info, stamp)) return CT_STAMP_MALFORMED;
    if (!is_of(info, imprint, nonce)) return CT_STAMP_OTHER;
    X509_STORE *store = store_of(anchors, count, stamp->seconds);
    if (!store) return with_openssl_words(stamp, CT_STAMP_UNTRUSTED);
    return judge_signer(response, imprint, store, stamp);
}

ct_stamp ct_stamp_verify(
    ct_span response, const uint8_t imprint[CT_IMPRINT_BYTES], const uint8_t *nonce, const ct_span *anchors, size_t anchor_count) {
    ct_stamp stamp = {.outcome = CT_STAMP_MALFORMED};
    const unsigned char *bytes = response.bytes;
    TS_RESP *parsed = d2i_TS_RESP(NULL, &bytes, (long)response.length);
    if (parsed && bytes == response.bytes + response.length) stamp.outcome = judge(parsed, imprint, nonce, anchors, anchor_count, &stamp);
    TS_RESP_free(parsed);
    ERR_clear_error();
    return stamp;
}

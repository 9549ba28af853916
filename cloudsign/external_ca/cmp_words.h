#pragma once

#include <string>
#include <vector>

#include <openssl/cmp.h>

#include "cloudsign/error.h"

// What went wrong in a transaction, in words: the authority's, or ours of what OpenSSL found.
namespace cloudsign::external_ca {

// What OpenSSL has put on this thread's error queue, oldest first, taken off it.
struct CmpFault {
    int reason = 0;      // CMP_R_…; 0 when it is another part of OpenSSL that speaks
    std::string detail;  // with what it is about
};
std::vector<CmpFault> take_cmp_faults();

// Whether one of them is that the authority, under its protection, said no.
bool says_no(const std::vector<CmpFault>& faults);

// An authority's no: its PKIFailureInfo in words, and its own texts (RFC 4210 §5.2.3).
std::string words_of_refusal(const OSSL_CMP_CTX* context);

// Whether it names one of those failures: OSSL_CMP_CTX_FAILINFO_…, or'ed.
bool names_failure(const OSSL_CMP_CTX* context, int failures);

// Every other failure: the most telling of `faults`, and what to do about it.
Error error_of(const std::vector<CmpFault>& faults);

}  // namespace cloudsign::external_ca

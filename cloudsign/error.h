#pragma once

#include <cstdint>
#include <string>

#include "hsm/base/result.h"

namespace cloudsign {

// Why a rule of the product said no. The API layer maps each kind once for each dialect; what it
// does not map is a 500 and a log line.
enum class ErrorKind {
    invalid,          // the request itself; detail says which part
    unauthenticated,  // no or a bad credential of the caller
    token_expired,
    forbidden,            // known caller, not allowed
    not_found,            // or not the caller's: the two look alike from outside
    conflict,             // against the current state
    credential_disabled,  // suspended, revoked, certificate expired, not yet issued
    credential_locked,
    hash_not_authorised,  // not in the approved list, or its occurrence is spent
    rejected,             // by the signer
    not_mine,             // the signer says that they did not start this
    expired,              // unanswered in time, or the SAD ran out
    undelivered,          // no device could be reached
    assertion_refused,    // the approval does not verify; detail says why
    busy,                 // ask again later
    unavailable,          // module or database cannot be reached
    internal
};

struct Error {
    ErrorKind kind = ErrorKind::internal;
    std::string detail;              // safe to show to the caller
    std::int64_t retry_after_s = 0;  // with `busy`: when to come back; 0: soon
};

template <class T>
using Result = hsm::Result<T, Error>;

}  // namespace cloudsign

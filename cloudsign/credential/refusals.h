#pragma once

#include "cloudsign/error.h"
#include "cloudsign/store/rows.h"

// What whoever asks for a certificate is told of a credential that can have none now.
namespace cloudsign::credential {

inline Error is_suspended(const store::Credential& credential) {
    return {ErrorKind::conflict, "credential " + credential.id + " is suspended: resume it first"};
}

inline Error is_over(const store::Credential& credential) {
    return {ErrorKind::conflict,
            "credential " + credential.id + " is revoked or deleted: its signer needs a new one"};
}

}  // namespace cloudsign::credential

#pragma once

#include <string_view>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "hsm/protocol/types.h"

namespace cloudsign::login {

// Where sign-in passkeys live: the login host, which is never the host of approvals.
struct Site {
    std::string rp_id;
    std::string origin;
};

// What an authenticator says of a passkey that it has just made.
struct Registration {
    Bytes credential_id;
    hsm::protocol::Point point{};
    bool backup_eligible = false;
    std::uint32_t sign_count = 0;
};

// Authenticator data and clientDataJSON of navigator.credentials.create() (WebAuthn L3 §7.1). ES256
// keys alone. No attestation is asked for, so none is looked at. `assertion_refused` with what is
// wrong.
Result<Registration> read_registration(hsm::ByteView authenticator_data,
                                       hsm::ByteView client_data,
                                       const Site& site,
                                       const hsm::Digest& challenge);

}  // namespace cloudsign::login

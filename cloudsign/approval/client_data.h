#pragma once

#include <string_view>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::approval {

// clientDataJSON as a browser at `origin` serialises it for this challenge (WebAuthn L3 §5.8.1.1;
// the beginning is fixed by §5.8.1.2), never from within a page of another origin. `type` is
// webauthn.get or webauthn.create. `assertion_refused` with what is wrong.
Result<void> check_client_data(hsm::ByteView client_data,
                               std::string_view type,
                               std::string_view origin,
                               const hsm::Digest& challenge);

}  // namespace cloudsign::approval

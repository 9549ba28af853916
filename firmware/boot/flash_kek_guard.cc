#include "firmware/boot/flash_kek_guard.h"

#include "firmware/engine/digest.h"

namespace firmware::boot {

using engine::psa::FlashSecret;
using hsm::ByteView;
using hsm::Digest;
using hsm::Result;

Result<bool> FlashKekGuard::holds_secret() {
    TRY_ASSIGN(const auto presence, secret_.look());
    return presence == FlashSecret::Presence::present || presence == FlashSecret::Presence::damaged;
}

Result<Digest> FlashKekGuard::mac(ByteView statement) {
    hsm::Secret<engine::psa::flash_secret_size> secret;
    TRY(secret_.read(secret));
    const std::array parts{statement};
    return engine::hmac_sha256(secret.reveal(), parts);
}

}  // namespace firmware::boot

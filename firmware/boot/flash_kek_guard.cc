#include "firmware/boot/flash_kek_guard.h"

#include "firmware/engine/digest.h"

namespace firmware::boot {

using engine::psa::FlashSecret;

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

Result<void> draw_first_secret(FlashSecret& secret, engine::Engine& engine, Updater& updater) {
    TRY_ASSIGN(const auto presence, secret.look());
    if (presence != FlashSecret::Presence::absent) {
        return {};
    }
    const auto at_rest = engine.check_at_rest();
    if (!at_rest) {
        return at_rest.error() == Status::key_wiped ? Result<void>() : at_rest;
    }
    hsm::Secret<engine::psa::flash_secret_size> drawn;
    TRY(engine.random(drawn.storage()));
    drawn.resize(engine::psa::flash_secret_size);
    TRY(secret.draw(drawn.reveal()));
    return updater.authorise_running();
}

}  // namespace firmware::boot

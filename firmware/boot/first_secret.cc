#include "firmware/boot/first_secret.h"

namespace firmware::boot {

using engine::psa::FlashSecret;

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

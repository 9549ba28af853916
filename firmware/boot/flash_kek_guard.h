#pragma once

#include "firmware/boot/kek_guard.h"
#include "firmware/boot/updater.h"
#include "firmware/engine/engine.h"
#include "firmware/engine/psa/flash_secret.h"

namespace firmware::boot {

// The flash secret of engine/psa as loader and updater see it.
class FlashKekGuard final : public KekGuard {
public:
    explicit FlashKekGuard(engine::psa::FlashSecret& secret) : secret_(secret) {}

    hsm::Result<bool> holds_secret() override;
    hsm::Result<Digest> mac(ByteView statement) override;
    hsm::Result<void> wipe() override { return secret_.wipe(); }
    hsm::Result<void> forget() override { return secret_.forget(); }

private:
    engine::psa::FlashSecret& secret_;
};

// At a start on a module that never had a secret: draws it and has it vouch for the image that
// runs, before the engine seals anything. A power cut in between leaves a secret that vouches for
// nothing, which the loader forgets.
Result<void> draw_first_secret(engine::psa::FlashSecret& secret,
                               engine::Engine& engine,
                               Updater& updater);

}  // namespace firmware::boot

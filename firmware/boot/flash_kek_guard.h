#pragma once

#include "firmware/boot/kek_guard.h"
#include "firmware/engine/psa/flash_secret.h"

namespace firmware::boot {

// The flash secret of engine/psa as loader and updater see it.
class FlashKekGuard final : public KekGuard {
public:
    explicit FlashKekGuard(engine::psa::FlashSecret& secret) : secret_(secret) {}

    hsm::Result<bool> holds_secret() override;
    hsm::Result<hsm::Digest> mac(hsm::ByteView statement) override;
    hsm::Result<void> wipe() override { return secret_.wipe(); }
    hsm::Result<void> forget() override { return secret_.forget(); }

private:
    engine::psa::FlashSecret& secret_;
};

}  // namespace firmware::boot

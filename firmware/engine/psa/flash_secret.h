#pragma once

#include "firmware/hal/flash.h"
#include "hsm/base/secret.h"

namespace firmware::engine::psa {

constexpr std::size_t flash_secret_size = 32;

// Half of what seals the vault, in a flash sector of its own: 32 random bytes. The vault may lie in
// a store that copies and keeps old sectors; this one sector can be erased at once, and with it
// everything that was ever sealed. On tamper, panic or a failed update nothing else has to work.
//
// Layout, in whole program units from the sector's start: secret (32) ‖ first 16 bytes of its
// SHA-256; or, after a wipe, 48 bytes 0x00. Nothing here is cached: another may wipe.
class FlashSecret {
public:
    explicit FlashSecret(hal::Flash& flash, std::uint32_t sector = 0)
        : flash_(flash), sector_(sector) {}

    enum class Presence : std::uint8_t {
        absent,   // never drawn
        present,  // readable and whole
        damaged,  // cut while it was drawn or wiped, or worn out
        wiped
    };
    hsm::Result<Presence> look();

    // `key_wiped` unless it is present.
    hsm::Result<void> read(hsm::Secret<flash_secret_size>& out);

    // Makes `secret` the flash secret, durably. The sector is erased first, also when it reads
    // blank: a program that the power cut may have left no more of itself to see than that.
    hsm::Result<void> draw(hsm::ByteView secret);

    // Erases the secret, durably, and leaves the mark of it. After a cut in between the secret is
    // whole or gone. Calling it again is harmless.
    hsm::Result<void> wipe();

    // Erases a secret that has sealed nothing yet, durably: as if it had never been drawn.
    hsm::Result<void> forget();

private:
    static constexpr std::size_t check_size = 16;
    static constexpr std::size_t record_size = flash_secret_size + check_size;

    std::uint32_t start() const { return sector_ * flash_.geometry().sector_size; }
    hsm::Result<Presence> load(hsm::Secret<record_size>& record);

    hal::Flash& flash_;
    std::uint32_t sector_;
};

}  // namespace firmware::engine::psa

#pragma once

#include "firmware/engine/psa/flash_secret.h"
#include "firmware/engine/psa/key_handle.h"
#include "firmware/engine/psa/key_vault.h"
#include "hsm/base/secret.h"

namespace firmware::engine::psa {

constexpr std::size_t unlock_secret_size_min = 32;
constexpr std::size_t unlock_secret_size_max = 64;
constexpr std::size_t sealed_record_size_max = 128;

// Seals the vault's records with AES-KWP under keys derived from the flash secret and the unlock
// secret together: HKDF-SHA-256 (RFC 5869) with the token's random salt and the record's name, so
// that no record passes for another. The unlock secret is at least 32 random bytes from a file, not
// something that a person remembers: nothing here slows a guesser down.
class SealedVault {
public:
    SealedVault(KeyVault& vault, FlashSecret& flash_secret)
        : vault_(vault), flash_secret_(flash_secret) {}

    // Makes the token on its first use. `secret_wrong` when the secret is too short or did not
    // make this token, `key_wiped` as check_at_rest(). Closed again after any failure.
    hsm::Result<void> open(hsm::ByteView secret);

    // Can an unlock secret open this vault at all? `key_wiped` after wipe(), and for a vault whose
    // flash secret is not there or not whole: it was wiped, though the power did not last.
    hsm::Result<void> check_at_rest();

    // Makes all that was ever sealed unreadable, durably, and closes.
    hsm::Result<void> wipe();
    void close() { master_.reset(); }
    bool is_open() const { return master_.id() != PSA_KEY_ID_NULL; }

    // `key_missing`; `storage_corrupt` when the record is not what was sealed under this name.
    hsm::Result<void> load(std::string_view name, hsm::Secret<sealed_record_size_max>& out) const;
    hsm::Result<Creation> create(std::string_view name, hsm::ByteView plain);
    hsm::Result<void> remove(std::string_view name) { return vault_.remove(name); }

private:
    using RecordKey = hsm::Secret<32>;

    hsm::Result<bool> has_token();
    hsm::Result<void> make_flash_secret();
    hsm::Result<void> make_token();
    hsm::Result<void> check_secret();
    hsm::Result<RecordKey> record_key(std::string_view name) const;

    KeyVault& vault_;
    FlashSecret& flash_secret_;
    KeyHandle master_;
    std::array<hsm::Byte, 32> salt_{};
};

}  // namespace firmware::engine::psa

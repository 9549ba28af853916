#include "firmware/engine/digest.h"

#include <new>
#include <psa/crypto.h>
#include <type_traits>

#include "firmware/engine/psa/status_map.h"

namespace firmware::engine {

using hsm::ByteView;
using hsm::Digest;

// With a built-in software hash no call of these can fail but through a bug of ours.

Digest sha256(std::span<const ByteView> parts) {
    psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
    CHECK(psa_hash_setup(&operation, PSA_ALG_SHA_256) == PSA_SUCCESS);
    for (const auto& part : parts) {
        CHECK(psa_hash_update(&operation, part.data(), part.size()) == PSA_SUCCESS);
    }
    Digest digest;
    std::size_t size = 0;
    CHECK(psa_hash_finish(&operation, digest.data(), digest.size(), &size) == PSA_SUCCESS);
    return digest;
}

hsm::Result<Digest> sha256(ByteSource& source) {
    psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
    CHECK(psa_hash_setup(&operation, PSA_ALG_SHA_256) == PSA_SUCCESS);
    // Ends with the source, which is as long as whoever made it says.
    for (;;) {
        const auto piece = source.next();
        if (!piece) {
            CHECK(psa_hash_abort(&operation) == PSA_SUCCESS);
            return piece.error();
        }
        if (piece->empty()) {
            break;
        }
        CHECK(psa_hash_update(&operation, piece->data(), piece->size()) == PSA_SUCCESS);
    }
    Digest digest;
    std::size_t size = 0;
    CHECK(psa_hash_finish(&operation, digest.data(), digest.size(), &size) == PSA_SUCCESS);
    return digest;
}

namespace {

psa_hash_operation_t& operation_in(void* state) {
    return *static_cast<psa_hash_operation_t*>(state);
}

}  // namespace

void Sha256Stream::begin() {
    static_assert(sizeof(psa_hash_operation_t) <= state_size);
    static_assert(std::is_trivially_destructible_v<psa_hash_operation_t>);
    reset();
    ::new (state_.data()) psa_hash_operation_t(PSA_HASH_OPERATION_INIT);
    CHECK(psa_hash_setup(&operation_in(state_.data()), PSA_ALG_SHA_256) == PSA_SUCCESS);
    running_ = true;
}

void Sha256Stream::update(ByteView piece) {
    CHECK(running_);
    CHECK(psa_hash_update(&operation_in(state_.data()), piece.data(), piece.size()) == PSA_SUCCESS);
}

Digest Sha256Stream::digest() const {
    CHECK(running_);
    psa_hash_operation_t copy = PSA_HASH_OPERATION_INIT;
    CHECK(psa_hash_clone(reinterpret_cast<const psa_hash_operation_t*>(state_.data()), &copy) ==
          PSA_SUCCESS);
    Digest digest;
    std::size_t size = 0;
    CHECK(psa_hash_finish(&copy, digest.data(), digest.size(), &size) == PSA_SUCCESS);
    return digest;
}

void Sha256Stream::reset() {
    if (std::exchange(running_, false)) {
        CHECK(psa_hash_abort(&operation_in(state_.data())) == PSA_SUCCESS);
    }
}

static_assert(sizeof(psa_key_id_t) == sizeof(std::uint32_t));

HmacKey& HmacKey::operator=(HmacKey&& other) noexcept {
    if (this != &other) {
        reset();
        id_ = std::exchange(other.id_, 0);
    }
    return *this;
}

hsm::Result<HmacKey> HmacKey::import(ByteView key) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_HMAC);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_MESSAGE);
    psa_set_key_algorithm(&attributes, PSA_ALG_HMAC(PSA_ALG_SHA_256));
    HmacKey imported;
    TRY(psa::checked(psa_import_key(&attributes, key.data(), key.size(), &imported.id_)));
    return imported;
}

void HmacKey::reset() {
    // Fails for a null or corrupt key slot only; there is nothing better to do then.
    (void)psa_destroy_key(std::exchange(id_, 0));
}

Digest HmacKey::mac(std::span<const ByteView> parts) const {
    psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
    CHECK(psa_mac_sign_setup(&operation, id_, PSA_ALG_HMAC(PSA_ALG_SHA_256)) == PSA_SUCCESS);
    for (const auto& part : parts) {
        CHECK(psa_mac_update(&operation, part.data(), part.size()) == PSA_SUCCESS);
    }
    Digest mac;
    std::size_t size = 0;
    CHECK(psa_mac_sign_finish(&operation, mac.data(), mac.size(), &size) == PSA_SUCCESS);
    return mac;
}

Digest hmac_sha256(ByteView key, std::span<const ByteView> parts) {
    const auto imported = HmacKey::import(key);
    CHECK(imported.has_value());  // a free slot and memory for one key are always there
    return imported->mac(parts);
}

}  // namespace firmware::engine

#pragma once

#include <psa/crypto.h>
#include <utility>

#include "firmware/engine/psa/status_map.h"
#include "hsm/base/bytes.h"

namespace firmware::engine::psa {

// Owns a volatile PSA key: destroyed, and its bytes wiped, with the handle.
class KeyHandle {
public:
    KeyHandle() = default;
    KeyHandle(KeyHandle&& other) noexcept : id_(std::exchange(other.id_, PSA_KEY_ID_NULL)) {}
    KeyHandle& operator=(KeyHandle&& other) noexcept {
        if (this != &other) {
            reset();
            id_ = std::exchange(other.id_, PSA_KEY_ID_NULL);
        }
        return *this;
    }
    KeyHandle(const KeyHandle&) = delete;
    KeyHandle& operator=(const KeyHandle&) = delete;
    ~KeyHandle() { reset(); }

    static hsm::Result<KeyHandle> import(const psa_key_attributes_t& attributes,
                                         hsm::ByteView key) {
        KeyHandle handle;
        TRY(checked(psa_import_key(&attributes, key.data(), key.size(), &handle.id_)));
        return handle;
    }
    static hsm::Result<KeyHandle> generate(const psa_key_attributes_t& attributes) {
        KeyHandle handle;
        TRY(checked(psa_generate_key(&attributes, &handle.id_)));
        return handle;
    }

    psa_key_id_t id() const { return id_; }

    void reset() {
        // Fails for a null or corrupt key slot only; there is nothing better to do then.
        (void)psa_destroy_key(std::exchange(id_, PSA_KEY_ID_NULL));
    }

private:
    psa_key_id_t id_ = PSA_KEY_ID_NULL;
};

}  // namespace firmware::engine::psa

#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include <openssl/evp.h>

#include "hsm/protocol/types.h"

namespace hsm::cli {

// A ceremony's P-256 private key in a PEM file (PKCS#8, unencrypted, 0600): custodian, TEST root.
class P256Key {
public:
    // Makes the key and its file when there is none. `io_failed` for the file, `malformed` when it
    // holds no P-256 key or others may read it.
    static Result<P256Key> load_or_make(const std::filesystem::path& file);

    protocol::Point point() const;

    // ECDSA over SHA-256(bytes), DER.
    std::vector<Byte> sign(ByteView bytes) const;

    EVP_PKEY* get() const { return key_.get(); }

private:
    struct Deleter {
        void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
    };
    explicit P256Key(EVP_PKEY* key) : key_(key) {}

    std::unique_ptr<EVP_PKEY, Deleter> key_;
};

}  // namespace hsm::cli

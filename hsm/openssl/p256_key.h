#pragma once

#include <filesystem>

#include "hsm/openssl/p256.h"

namespace hsm::openssl {

// A ceremony's P-256 private key in a PEM file (PKCS#8, unencrypted, 0600): custodian, root.
class P256Key {
public:
    // Makes the key and its file when there is none. `io_failed` for the file, `malformed` when it
    // holds no P-256 key or others may read it.
    static Result<P256Key> load_or_make(const std::filesystem::path& file);

    // `io_failed` when there is no file, else as above.
    static Result<P256Key> load(const std::filesystem::path& file);
    // `wrong_state` when there is a file already: no key is ever written over.
    static Result<P256Key> make(const std::filesystem::path& file);

    // Lives as long as the object, and nowhere else.
    static P256Key temporary();

    const protocol::Point& point() const { return point_; }

    // ECDSA over SHA-256(bytes), DER.
    Bytes sign(ByteView bytes) const { return sign_es256(key_.get(), bytes); }

    EVP_PKEY* get() const { return key_.get(); }

private:
    P256Key(EvpKeyPtr key, const protocol::Point& point) : key_(std::move(key)), point_(point) {}

    EvpKeyPtr key_;
    protocol::Point point_{};
};

}  // namespace hsm::openssl

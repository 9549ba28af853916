#pragma once

#include <vector>

#include "firmware/engine/engine.h"

// OpenSSL as the stranger who says whether a signature is one.
namespace tests::engine {

using Bytes = std::vector<hsm::Byte>;

bool openssl_verifies(hsm::ByteView spki,
                      const hsm::protocol::Algorithm& algorithm,
                      hsm::ByteView hash,
                      hsm::ByteView signature);

// A P-256 SubjectPublicKeyInfo around a point.
Bytes p256_spki(const hsm::protocol::Point& point);

// A P-256 key pair of OpenSSL's own.
class OpensslKey {
public:
    OpensslKey();
    OpensslKey(const OpensslKey&) = delete;
    OpensslKey& operator=(const OpensslKey&) = delete;
    ~OpensslKey();

    hsm::protocol::Point point() const;
    Bytes sign(const hsm::Digest& digest) const;  // DER

private:
    void* key_;
};

}  // namespace tests::engine

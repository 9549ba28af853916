#pragma once

#include "cloudsign/pki/external_signer.h"
#include "tests/unit/cloudsign/pki/test_key.h"

namespace cloudsign::pki {

class TestSigner final : public ExternalSigner {
public:
    TestSigner(const TestKey& key, const Algorithm& algorithm)
        : key_(key), algorithm_(algorithm), spki_(key.spki()) {}

    const Bytes& spki() const override { return spki_; }
    Algorithm algorithm() const override { return algorithm_; }
    Result<Bytes> sign(const Bytes& message) override {
        if (refuses) {
            return Error{ErrorKind::unavailable, "not now", 0};
        }
        return key_.sign(algorithm_, message);
    }

    bool refuses = false;

private:
    const TestKey& key_;
    Algorithm algorithm_;
    Bytes spki_;
};

}  // namespace cloudsign::pki

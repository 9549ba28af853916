#pragma once

#include "firmware/selftest/self_tests.h"
#include "hsm/protocol/types.h"

namespace firmware::selftest {

// The running image against the hash that its header names, once more after the boot loader: what
// was flipped in flash, or skipped by the loader, since. Where the image cannot be read (a Linux
// process, which computes its hash instead of comparing it) the view is empty, and nothing is said.
class ImageCheck final : public Subject {
public:
    ImageCheck(hsm::ByteView image, const hsm::Digest& expected, hsm::protocol::Sha256 sha256)
        : image_(image), expected_(expected), sha256_(sha256) {}

    Result<void> self_test(SelfTest test, const KnownAnswers& answers) override;

private:
    const hsm::ByteView image_;
    const hsm::Digest expected_;
    const hsm::protocol::Sha256 sha256_;
};

}  // namespace firmware::selftest

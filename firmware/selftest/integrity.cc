#include "firmware/selftest/integrity.h"

namespace firmware::selftest {

Result<void> ImageCheck::self_test(SelfTest test, const KnownAnswers&) {
    if (test != SelfTest::firmware_integrity || image_.empty()) {
        return Status::not_supported;
    }
    const std::array<hsm::ByteView, 1> parts = {image_};
    if (!hsm::equal(sha256_(parts), expected_)) {
        return Status::self_test_failed;
    }
    return {};
}

}  // namespace firmware::selftest

#include "tests/support/temporary_folder.h"

#include <cstdlib>

#include "hsm/base/check.h"

namespace tests::support {

TemporaryFolder::TemporaryFolder() {
    // tmpfs: the tests look at bytes, not at a disk's speed.
    auto pattern = std::filesystem::exists("/dev/shm") ? std::string("/dev/shm/kyso-test-XXXXXX")
                                                       : std::string("/tmp/kyso-test-XXXXXX");
    CHECK(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace tests::support

#include "firmware/activation/challenge.h"

#include "tests/support/module_fixture.h"

namespace {

using namespace tests::support;
using firmware::activation::BootKey;
using hsm::Status;

class BootKeyTest : public testing::Test {
protected:
    BootKeyTest() : module_(folder_.path(), "module", clock_) {}

    TemporaryFolder folder_;
    TestClock clock_;
    InProcessModule module_;
};

TEST_F(BootKeyTest, OpensWhatItSealedAndNothingElse) {
    BootKey key;
    ASSERT_TRUE(key.draw(module_.engine()));
    hsm::protocol::ChallengePreimage preimage;
    preimage.sequence = 77;
    preimage.leaf_count = 3;
    std::array<hsm::Byte, hsm::protocol::preimage_size_max> buffer{};
    const auto sealed = key.seal(preimage, buffer);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(sealed->challenge, sha256_of(sealed->preimage));

    const auto opened = key.open(sealed->preimage, sealed->mac);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->sequence, 77u);

    auto bytes = copy_of(sealed->preimage);
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        bytes[bit / 8] ^= static_cast<hsm::Byte>(1u << bit % 8);
        ASSERT_EQ(status(key.open(bytes, sealed->mac)), Status::activation_mac_wrong) << bit;
        bytes[bit / 8] ^= static_cast<hsm::Byte>(1u << bit % 8);
    }
    auto mac = sealed->mac;
    for (std::size_t bit = 0; bit < 8 * mac.size(); ++bit) {
        mac[bit / 8] ^= static_cast<hsm::Byte>(1u << bit % 8);
        ASSERT_EQ(status(key.open(bytes, mac)), Status::activation_mac_wrong) << bit;
        mac[bit / 8] ^= static_cast<hsm::Byte>(1u << bit % 8);
    }
}

TEST_F(BootKeyTest, IsAnotherOneAfterEachDraw) {
    BootKey key;
    ASSERT_TRUE(key.draw(module_.engine()));
    hsm::protocol::ChallengePreimage preimage;
    preimage.leaf_count = 1;
    std::array<hsm::Byte, hsm::protocol::preimage_size_max> buffer{};
    const auto sealed = key.seal(preimage, buffer);
    ASSERT_TRUE(sealed);

    ASSERT_TRUE(key.draw(module_.engine()));

    EXPECT_EQ(status(key.open(sealed->preimage, sealed->mac)), Status::activation_mac_wrong);
}

}  // namespace

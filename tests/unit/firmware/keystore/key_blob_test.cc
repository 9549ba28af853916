#include "firmware/keystore/key_blob.h"

#include "firmware/keystore/policy.h"
#include "tests/support/module_fixture.h"

namespace {

using namespace tests::support;
using hsm::Status;

TEST(KeyBlob, RefusesEveryFlippedBit) {
    ModuleGroup group;
    const auto holder = enrol(group.target(), group.people);
    ASSERT_TRUE(holder);
    auto& engine = group[0].engine();
    ASSERT_TRUE(firmware::keystore::verify_blob(engine, 1, holder->blob));

    auto blob = holder->blob;
    for (std::size_t bit = 0; bit < 8 * blob.size(); ++bit) {
        blob[bit / 8] ^= static_cast<hsm::Byte>(1u << bit % 8);
        const auto refusal = status(firmware::keystore::verify_blob(engine, 1, blob));
        ASSERT_TRUE(refusal == Status::blob_mac_wrong || refusal == Status::blob_malformed ||
                    refusal == Status::blob_epoch_unknown)
            << bit << ' ' << hsm::base::status_name(refusal);
        blob[bit / 8] ^= static_cast<hsm::Byte>(1u << bit % 8);
    }
}

TEST(KeyBlob, RefusesEveryLengthButItsOwn) {
    ModuleGroup group;
    const auto holder = enrol(group.target(), group.people);
    ASSERT_TRUE(holder);
    auto& engine = group[0].engine();

    for (std::size_t size = 0; size < holder->blob.size(); ++size) {
        const auto cut = hsm::ByteView(holder->blob).first(size);
        ASSERT_EQ(status(firmware::keystore::verify_blob(engine, 1, cut)), Status::blob_malformed);
    }
    auto longer = holder->blob;
    longer.push_back(0);
    EXPECT_EQ(status(firmware::keystore::verify_blob(engine, 1, longer)), Status::blob_malformed);
}

TEST(KeyBlob, OpensOnEveryMemberOfTheGroup) {
    ModuleGroup group(2);
    const auto holder = enrol(group.target(0), group.people);
    ASSERT_TRUE(holder);

    const auto opened = firmware::keystore::verify_blob(group[1].engine(), 1, holder->blob);

    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->header.version, 1u);
    EXPECT_EQ(opened->header.officer, group.people.officers[0].thumbprint());
    EXPECT_EQ(opened->policy_hash, sha256_of(holder->policy));
}

TEST(KeyBlob, IsStrangeToAnotherGroup) {
    ModuleGroup group;
    ModuleGroup stranger;
    const auto holder = enrol(group.target(), group.people);
    ASSERT_TRUE(holder);

    EXPECT_EQ(status(firmware::keystore::verify_blob(stranger[0].engine(), 1, holder->blob)),
              Status::blob_mac_wrong);
}

}  // namespace

#include "firmware/keystore/group_statement.h"

#include "tests/support/module_fixture.h"

namespace {

using namespace tests::support;
using firmware::keystore::open_statement;
using firmware::keystore::seal_statement;
using hsm::Status;
using hsm::protocol::RevocationStatement;
using hsm::protocol::RevokedStatement;

TEST(GroupStatement, IsReadByMembersOnlyAndAsWhatItIs) {
    ModuleGroup group(2);
    ModuleGroup stranger;
    const RevocationStatement statement{random_digest(), 2, random_digest()};
    std::array<hsm::Byte, 200> buffer{};
    const auto sealed = seal_statement(group[0].engine(), 1, statement, buffer);
    ASSERT_TRUE(sealed);

    const auto opened = open_statement<RevocationStatement>(group[1].engine(), 1, *sealed);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->key_id, statement.key_id);
    EXPECT_EQ(status(open_statement<RevokedStatement>(group[1].engine(), 1, *sealed)),
              Status::acknowledgement_wrong);
    EXPECT_EQ(status(open_statement<RevocationStatement>(stranger[0].engine(), 1, *sealed)),
              Status::acknowledgement_wrong);
    auto flipped = copy_of(*sealed);
    for (std::size_t bit = 0; bit < 8 * flipped.size(); ++bit) {
        flipped[bit / 8] ^= static_cast<hsm::Byte>(1u << bit % 8);
        ASSERT_EQ(status(open_statement<RevocationStatement>(group[1].engine(), 1, flipped)),
                  Status::acknowledgement_wrong);
        flipped[bit / 8] ^= static_cast<hsm::Byte>(1u << bit % 8);
    }
}

// One MAC key for blobs and statements: what is under the one is nothing under the other.
TEST(GroupStatement, HasAnotherMacThanABlobWithTheSameBytes) {
    ModuleGroup group;
    const auto bytes = hsm::view_of("same bytes");
    const hsm::ByteView parts[] = {bytes};

    EXPECT_NE(*firmware::keystore::group_mac(group[0].engine(), 1, bytes),
              *group[0].engine().epoch_mac(1, parts));
}

}  // namespace

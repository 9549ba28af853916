#include "tests/system/board/board_test.h"

#include "hsm/protocol/audit_record.h"

namespace tests::system {

namespace wire = hsm::protocol;
using hsm::Status;
using hsm::client::Session;
using wire::Role;

void BoardTest::bring_up() {
    board_.start();
    board_.install_hosts();
    board_.unlock();
    auto session = board_.connect(Role::operating);
    std::array<Session*, 1> sessions{&session};
    hsm::cli::GroupPlan plan{people_.rp_id, people_.origin, {}, people_.officers_needed};
    plan.officers.push_back({people_.officers[0].point(), false});
    const auto custodian = hsm::cli::P256Key::load_or_make(folder_.path() / "custodian.pem");
    const auto root = hsm::cli::P256Key::load_or_make(folder_.path() / "root.pem");
    const auto group = hsm::cli::provision_group(
        sessions,
        plan,
        *custodian,
        *root,
        [&](std::size_t index, const hsm::Digest& challenge) -> hsm::Result<support::Bytes> {
            return people_.officer_approves(challenge, index);
        });
    ASSERT_EQ(Status::ok, status(group));
}

void expect_whole_chain(const std::vector<support::Bytes>& records) {
    ASSERT_FALSE(records.empty());
    std::uint64_t index = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto record = wire::decode<wire::AuditRecord>(records[i]);
        ASSERT_TRUE(record.has_value());
        if (i != 0) {
            EXPECT_EQ(index + 1, record->index);
            EXPECT_EQ(support::sha256_of(records[i - 1]), record->previous)
                << "record " << record->index;
        }
        index = record->index;
    }
}

}  // namespace tests::system

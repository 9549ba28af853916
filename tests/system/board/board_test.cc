#include "tests/system/board/board_test.h"

#include "hsm/protocol/audit_record.h"

namespace tests::system {

namespace wire = hsm::protocol;
using hsm::Status;
using hsm::client::Session;
using wire::Role;

void operational(support::QemuModule& board,
                 const support::People& people,
                 const std::filesystem::path& folder) {
    board.start();
    board.install_hosts();
    board.unlock();
    auto session = board.connect(Role::operating);
    std::array<Session*, 1> sessions{&session};
    hsm::cli::GroupPlan plan{people.rp_id, people.origin, {}, people.officers_needed};
    std::uint8_t person = 1;
    for (const auto& officer : people.officers) {
        plan.officers.push_back({officer.point(), false, person++});
    }
    const auto custodian = hsm::cli::P256Key::load_or_make(folder / "custodian.pem");
    const auto root = hsm::cli::P256Key::load_or_make(folder / "root.pem");
    const auto group = hsm::cli::provision_group(
        sessions,
        plan,
        *custodian,
        *root,
        [&](std::size_t index, const hsm::Digest& challenge) -> hsm::Result<support::Bytes> {
            return people.officer_approves(challenge, index);
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

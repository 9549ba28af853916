#include <gtest/gtest.h>

#include "tests/hostile/matrix/cbor_damage.h"
#include "tests/hostile/update/update_site.h"

// The commands of an update with every field truncated, extended, of another type or value, and out
// of order: the code of the command table, nothing changed.
namespace tests::hostile {
namespace {

using support::call;
using support::encoded;
using support::status;
using support::status_of;

bool is_one_of(Status status, std::initializer_list<Status> statuses) {
    return std::ranges::find(statuses, status) != statuses.end();
}

class UpdateForms : public ::testing::Test {
protected:
    // Every strictly malformed form of `request`.
    void expect_malformed(const std::string& name, const Bytes& request) {
        const auto before = site.everything();
        for (const auto& form : broken_forms(request)) {
            const auto answered = status_of(site.operating()(form.request));
            // A damaged head may name another command, in a form that is not that one's.
            const bool at_head =
                form.what.starts_with("message.0 ") || form.what.starts_with("message ");
            EXPECT_TRUE(
                answered == Status::malformed ||
                (at_head &&
                 is_one_of(answered,
                           {Status::unknown_command, Status::wrong_state, Status::wrong_role})))
                << name << ": " << form.what << ": " << status_name(answered);
            ++cases;
        }
        EXPECT_TRUE(site.everything() == before) << name;
    }

    UpdateSite site;
    std::size_t cases = 0;
};

TEST_F(UpdateForms, AreRefusedWhenBroken) {
    const auto approvals = site.approvals_of(site.next);
    const auto begin = site.begin_request(site.next, approvals);
    expect_malformed("update_begin", encoded(begin));
    expect_malformed(
        "update_write",
        encoded(wire::UpdateWriteRequest{0, hsm::ByteView(site.next.images[1]).first(64)}));
    expect_malformed("update_finish", encoded(wire::UpdateFinishRequest{1000}));
    expect_malformed("update_state", encoded(wire::UpdateStateRequest{}));
    EXPECT_EQ(status(call(site.operating(), begin)), Status::ok);
    EXPECT_GT(cases, 500u);
}

TEST_F(UpdateForms, AreRefusedWithAnyValueOfTheBeginningChanged) {
    const auto approvals = site.approvals_of(site.next);
    const auto request = encoded(site.begin_request(site.next, approvals));
    const auto before = site.everything();
    for (const auto& item : items_of(request)) {
        const bool is_body =
            item.path.starts_with("message.2.") && item.path.find("key") == std::string::npos;
        // How the host numbers its requests and what time it says that it is: both free.
        if (!is_body || item.path == "message.2.3") {
            continue;
        }
        for (const auto& form : changed_values(request, item)) {
            const auto answered = status_of(site.operating()(form.request));
            EXPECT_TRUE(is_one_of(answered,
                                  {Status::malformed,
                                   Status::image_malformed,
                                   Status::image_signature_wrong,
                                   Status::assertion_malformed,
                                   Status::assertion_missing,
                                   Status::assertion_client_data_wrong,
                                   Status::assertion_rp_id_wrong,
                                   Status::assertion_flags_wrong,
                                   Status::assertion_backup_wrong,
                                   Status::assertion_key_unknown,
                                   Status::assertion_signature_wrong}))
                << form.what << ": " << status_name(answered);
            ++cases;
        }
    }
    EXPECT_TRUE(site.everything() == before);
    EXPECT_GT(cases, 500u);
}

TEST_F(UpdateForms, AreRefusedOutOfOrder) {
    const hsm::ByteView image = site.next.images[1];
    const auto write = [&](std::uint32_t offset, hsm::ByteView chunk) {
        return status(call(site.operating(), wire::UpdateWriteRequest{offset, chunk}));
    };
    EXPECT_EQ(write(0, image.first(64)), Status::update_not_begun);
    EXPECT_EQ(site.finish(), Status::update_not_begun);

    ASSERT_EQ(site.begin(site.next), Status::ok);
    EXPECT_EQ(site.finish(), Status::update_offset_wrong);
    ASSERT_EQ(write(0, image.first(64)), Status::ok);
    const auto before = site.everything();
    EXPECT_EQ(write(0, image.first(64)), Status::update_offset_wrong);
    EXPECT_EQ(write(96, image.subspan(96, 32)), Status::update_offset_wrong);
    EXPECT_EQ(write(64, image.subspan(64, 31)), Status::malformed);
    EXPECT_EQ(write(64, Bytes(image.size())), Status::image_too_large);
    EXPECT_EQ(site.finish(), Status::update_offset_wrong);
    EXPECT_TRUE(site.everything() == before);

    ASSERT_EQ(write(64, image.subspan(64)), Status::ok);
    EXPECT_EQ(write(static_cast<std::uint32_t>(image.size()), Bytes(32)), Status::image_too_large);
    ASSERT_EQ(site.finish(), Status::ok);
    EXPECT_EQ(site.finish(), Status::update_not_begun);
    EXPECT_EQ(write(0, image.first(64)), Status::update_not_begun);
}

TEST_F(UpdateForms, AreRefusedWhenTheImageIsAnother) {
    const auto records = support::export_log(site.operating()).size();
    ASSERT_EQ(site.begin(site.next), Status::ok);
    auto changed = site.next;
    changed.images[1][700] ^= 0x80;
    ASSERT_EQ(site.write_all(changed), Status::ok);

    EXPECT_EQ(site.finish(), Status::image_hash_wrong);
    EXPECT_EQ(site.finish(), Status::update_not_begun);
    EXPECT_EQ(support::export_log(site.operating()).size(), records);
    EXPECT_EQ(site.restart(), 0u);

    // The image for the other slot is not the one for this.
    ASSERT_EQ(site.begin(site.next), Status::ok);
    auto swapped = site.next;
    std::swap(swapped.images[0], swapped.images[1]);
    ASSERT_EQ(site.write_all(swapped), Status::ok);
    EXPECT_EQ(site.finish(), Status::image_hash_wrong);
    EXPECT_EQ(site.restart(), 0u);
}

TEST_F(UpdateForms, EndWithTheStart) {
    ASSERT_EQ(site.begin(site.next), Status::ok);
    ASSERT_EQ(site.write_all(site.next), Status::ok);

    EXPECT_EQ(site.restart(), 0u);
    EXPECT_EQ(site.finish(), Status::update_not_begun);
    EXPECT_EQ(site.state().stage, wire::UpdateStage::none);
}

}  // namespace
}  // namespace tests::hostile

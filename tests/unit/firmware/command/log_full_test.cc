#include "tests/support/module_fixture.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Status;

constexpr firmware::hal::FlashGeometry tiny = {
    .sector_size = 4096, .sector_count = 12, .program_unit = 16};

TEST(LogFull, RefusesToSignSpendsNothingAndRecoversByExportAndRelease) {
    ModuleGroup group(1, {}, tiny);
    const auto holder = enrol(group.target(), group.people);
    ASSERT_EQ(status(holder), Status::ok);
    std::vector<Signing> made;
    Status last = Status::ok;
    for (int i = 0; i < 200 && last == Status::ok; ++i) {
        const auto signing = approved_signing(group.target(), group.people, *holder);
        ASSERT_EQ(status(signing), Status::ok);
        last = status(call(group.target(), signing->request()));
        made.push_back(*signing);
    }
    ASSERT_EQ(last, Status::log_full);
    const auto refused = made.back();
    made.pop_back();
    EXPECT_GE((*call(group.target(), wire::GetInfoRequest{}))->log_fill_percent, 90);
    EXPECT_EQ(status(enrol(group.target(), group.people)), Status::log_full);
    EXPECT_EQ(status(call(group.target(), refused.request())), Status::log_full);
    EXPECT_EQ(export_log(group.target()).size(), made.size() + 4);

    for (const auto& signing : made) {
        ASSERT_EQ(status(call(group.target(), acknowledgement_of(signing.activation.challenge, 0))),
                  Status::ok);
    }
    ASSERT_EQ(status(call(group.target(), wire::AuditReleaseRequest{made.size() + 4})), Status::ok);

    EXPECT_EQ(status(call(group.target(), refused.request())), Status::ok);
}

TEST(LogFull, StartsManyTimesAndStillLetsItselfBeReleased) {
    ModuleGroup group(1, {}, tiny);
    for (int i = 0; i < 300; ++i) {
        group[0].restart();
        ASSERT_EQ(group[0].module().state(), wire::State::operational) << i;
    }
    const auto records = export_log(group.target());
    EXPECT_EQ(status(enrol(group.target(), group.people)), Status::log_full);

    const auto last = wire::decode<wire::AuditRecord>(records.back());
    ASSERT_EQ(status(call(group.target(), wire::AuditReleaseRequest{last->index})), Status::ok);
    EXPECT_EQ(status(enrol(group.target(), group.people)), Status::ok);
}

}  // namespace

#include "tests/support/cloud_fixture.h"

// A module keeps the log records of what nobody has acknowledged. One acknowledgement lost for ever
// would therefore stop a module for ever, as soon as its log is full.
namespace {

using namespace tests::support;

class Acknowledgement : public testing::Test {
protected:
    Acknowledgement() {
        cloud_.make_authority();
        person_ = cloud_.enrol("signer");
    }

    void sign(std::size_t count) {
        const auto request = cloud_.request_for(person_, count);
        const auto opened = cloud_->transactions.open(request);
        ASSERT_TRUE(opened.has_value());
        const auto approved = cloud_.approve(person_, opened->id);
        ASSERT_TRUE(approved.has_value());
        ASSERT_TRUE(cloud_->transactions.sign_all(*approved).has_value());
    }

    // As the audit keeper lets a module reuse the space of what is exported.
    hsm::Result<void> release() {
        const auto info = cloud_.modules.members().front();
        return cloud_.modules.audit_release(info.module_id, info.next_log_index - 1);
    }

    Cloud cloud_;
    Person person_;
};

TEST_F(Acknowledgement, IsMadeUpForAfterTheServerCrashed) {
    cloud_.modules.acknowledgements_lost = true;
    sign(3);
    cloud_.modules.acknowledgements_lost = false;
    ASSERT_EQ(hsm::Status::busy, release().error());

    cloud_.restart_server();
    ASSERT_TRUE(cloud_.resume().has_value());

    EXPECT_TRUE(release().has_value());
}

TEST_F(Acknowledgement, IsMadeUpForAfterBothCrashed) {
    cloud_.modules.acknowledgements_lost = true;
    sign(1);
    sign(20);
    cloud_.modules.acknowledgements_lost = false;

    cloud_.restart_module();
    cloud_.restart_server();
    ASSERT_EQ(hsm::Status::busy, release().error());
    ASSERT_TRUE(cloud_.resume().has_value());

    EXPECT_TRUE(release().has_value());
}

}  // namespace

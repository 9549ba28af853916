#include "cloudsign/notice/notices.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/cloudsign/identity/registry_fixture.h"

namespace cloudsign::notice {
namespace {

using store::NoticeKind;
using store::NoticeState;
using store::Session;

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t day = 24 * 60 * minute;

class NoticesTest : public identity::RegistryTest {
protected:
    void SetUp() override {
        RegistryTest::SetUp();
        notices_ = std::make_unique<Notices>(*database_, clock_);
        signers_ = std::make_unique<identity::SignerRegistry>(*database_, clock_);
        ASSERT_TRUE(signers_->add("khoa", "Khoa", "CN=Khoa,C=VN", "vi", "", "khoa@kyso.example")
                        .has_value());
        ASSERT_TRUE(signers_->add("mute", "Mute", "CN=Mute,C=VN", "vi").has_value());
    }

    void told(const std::string& signer, NoticeKind kind = NoticeKind::login_added) {
        ASSERT_TRUE(database_
                        ->write([&](Session& session) {
                            return tell(session, clock_, signer, kind, "a thing");
                        })
                        .has_value());
    }
    std::vector<store::Notice> due() {
        auto found = notices_->due(10);
        CHECK(found.has_value());
        return *std::move(found);
    }
    std::vector<store::Notice> log() {
        auto found = notices_->log("", 10);
        CHECK(found.has_value());
        return *std::move(found);
    }

    std::unique_ptr<Notices> notices_;
    std::unique_ptr<identity::SignerRegistry> signers_;
};

TEST_F(NoticesTest, ToldIsWhoeverHasAnAddress) {
    told("mute");
    told("nobody");
    EXPECT_TRUE(due().empty());

    told("khoa");

    ASSERT_EQ(due().size(), 1U);
    const auto notice = due().front();
    EXPECT_EQ(notice.address, "khoa@kyso.example");
    EXPECT_EQ(notice.about, "a thing");
    EXPECT_EQ(notice.name, "Khoa");
    EXPECT_EQ(notice.created_at, clock_.now_ms());
}

TEST_F(NoticesTest, WhatIsUndoneIsNotTold) {
    ASSERT_FALSE(database_
                     ->write([&](Session& session) -> Result<void> {
                         TRY(tell(session, clock_, "khoa", NoticeKind::frozen));
                         return Error{ErrorKind::conflict, "and no"};
                     })
                     .has_value());
    EXPECT_TRUE(log().empty());
}

TEST_F(NoticesTest, IsOverWhenTheMailServerHasIt) {
    told("khoa");
    ASSERT_TRUE(notices_->record({{due().front().id, 250, "", false}}).has_value());
    EXPECT_TRUE(due().empty());
    EXPECT_EQ(log().front().state, NoticeState::delivered);
    EXPECT_EQ(log().front().done_at, clock_.now_ms());
    EXPECT_EQ(*notices_->next_due(), std::nullopt);
}

TEST_F(NoticesTest, IsTriedAfterAMinuteThenTwiceAsLongUntilThreeDaysAreOver) {
    told("khoa");
    const auto begun = clock_.now_ms();
    auto wait = minute;
    unsigned attempts = 0;
    while (log().front().state == NoticeState::due) {
        ASSERT_EQ(due().size(), 1U);
        ASSERT_TRUE(notices_->record({{due().front().id, 451, "busy", false}}).has_value());
        ++attempts;
        if (log().front().state != NoticeState::due) {
            break;
        }
        EXPECT_TRUE(due().empty());
        EXPECT_EQ(*notices_->next_due(), clock_.now_ms() + wait);
        clock_.advance(wait);
        wait = std::min(2 * wait, 4 * 60 * minute);
    }
    EXPECT_EQ(log().front().state, NoticeState::failed);
    EXPECT_EQ(log().front().fault, "busy");
    EXPECT_LE(clock_.now_ms(), begun + 3 * day);
    EXPECT_GE(clock_.now_ms(), begun + 3 * day - 4 * 60 * minute);
    EXPECT_EQ(log().front().attempts, attempts);
}

TEST_F(NoticesTest, ARefusalForGoodIsTheEnd) {
    told("khoa");
    ASSERT_TRUE(notices_->record({{due().front().id, 550, "no such mailbox", true}}).has_value());
    EXPECT_EQ(log().front().state, NoticeState::failed);
}

TEST_F(NoticesTest, WhatWaitedForThreeDaysWithoutAServerIsNotSentLater) {
    told("khoa");
    clock_.advance(2 * day);
    told("khoa");
    clock_.advance(day + minute);
    EXPECT_EQ(due().size(), 1U);
    auto notices = log();  // both of one millisecond of the machine's, in no order
    ASSERT_EQ(notices.size(), 2U);
    std::ranges::sort(notices, {}, &store::Notice::created_at);
    EXPECT_EQ(notices.front().state, NoticeState::failed);
    EXPECT_EQ(notices.front().attempts, 0U);
    EXPECT_EQ(notices.back().state, NoticeState::due);
}

TEST_F(NoticesTest, ADeletedSignersAddressIsForgottenAfterTheLastMail) {
    ASSERT_TRUE(signers_->remove("khoa").has_value());
    ASSERT_EQ(due().size(), 1U);
    EXPECT_EQ(due().front().kind, NoticeKind::deleted);
    told("khoa");
    EXPECT_EQ(due().size(), 1U);
}

TEST_F(NoticesTest, AnAddressThatChangesIsToldAndTheNewOneIsNot) {
    ASSERT_TRUE(signers_->set_email("khoa", "khoa@kyso.example").has_value());
    EXPECT_TRUE(due().empty());
    ASSERT_TRUE(signers_->set_email("khoa", "moi@kyso.example").has_value());
    ASSERT_EQ(due().size(), 1U);
    EXPECT_EQ(due().front().address, "khoa@kyso.example");
    ASSERT_TRUE(signers_->set_email("khoa", "").has_value());
    const auto both = log();
    ASSERT_EQ(both.size(), 2U);  // of one millisecond, in no order
    EXPECT_EQ(std::ranges::count(both, "moi@kyso.example", &store::Notice::address), 1);
    EXPECT_EQ((*signers_->find("khoa"))->email, std::nullopt);
    EXPECT_EQ(signers_->set_email("nobody", "").error().kind, ErrorKind::not_found);
    EXPECT_EQ(signers_->set_email("khoa", "moi").error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace cloudsign::notice

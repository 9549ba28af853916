#include "server/api/inbox_watch.h"

#include <vector>

#include <gtest/gtest.h>

namespace server::api {
namespace {

using cloudsign::ErrorKind;
using cloudsign::store::Approver;
using cloudsign::store::Device;
using cloudsign::store::DeviceOwner;
using cloudsign::store::Transaction;

Device phone(const std::string& owner, DeviceOwner kind = DeviceOwner::signer) {
    Device device;
    device.owner_kind = kind;
    device.owner_id = owner;
    return device;
}

Transaction asking(Approver kind, const std::string& signer = "") {
    Transaction transaction;
    transaction.approver_kind = kind;
    transaction.approver_id = signer;
    return transaction;
}

InboxWatch::Limits limits(std::size_t each_person, std::size_t all) {
    InboxWatch::Limits limits{};
    limits.each_person = each_person;
    limits.all = all;
    return limits;
}

TEST(InboxWatch, TellsThePhonesOfTheOneWhoIsAsked) {
    InboxWatch watch(limits(8, 100));
    const auto an = *watch.enter(phone("an"));
    const auto binh = *watch.enter(phone("binh"));
    const auto officer = *watch.enter(phone("an", DeviceOwner::officer));

    watch.changed(asking(Approver::signer, "an"));

    EXPECT_EQ(an->generation(), 1u);
    EXPECT_EQ(binh->generation(), 0u);
    EXPECT_EQ(officer->generation(), 0u);
}

TEST(InboxWatch, TellsBothWhereBothAreAsked) {
    InboxWatch watch(limits(8, 100));
    const auto an = *watch.enter(phone("an"));
    const auto officer = *watch.enter(phone("1", DeviceOwner::officer));
    const auto colleague = *watch.enter(phone("2", DeviceOwner::officer));

    watch.changed(asking(Approver::both, "an"));
    watch.changed(asking(Approver::officer));

    EXPECT_EQ(an->generation(), 1u);
    EXPECT_EQ(officer->generation(), 2u);
    EXPECT_EQ(colleague.get(), officer.get());
}

TEST(InboxWatch, BoundsEachPersonAndGivesPlacesBack) {
    InboxWatch watch(limits(2, 100));
    std::vector<std::shared_ptr<http::Signal>> held{*watch.enter(phone("an")),
                                                    *watch.enter(phone("an"))};

    const auto third = watch.enter(phone("an"));
    const auto other = watch.enter(phone("binh"));
    held.pop_back();
    const auto again = watch.enter(phone("an"));

    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().kind, ErrorKind::busy);
    EXPECT_TRUE(other);
    EXPECT_TRUE(again);
}

TEST(InboxWatch, BoundsAllTogether) {
    InboxWatch watch(limits(8, 2));
    auto one = watch.enter(phone("an"));
    const auto two = watch.enter(phone("binh"));

    const auto three = watch.enter(phone("chi"));
    one = cloudsign::Error{ErrorKind::internal, "let go"};

    ASSERT_FALSE(three);
    EXPECT_EQ(three.error().kind, ErrorKind::unavailable);
    EXPECT_TRUE(watch.enter(phone("chi")));
    EXPECT_EQ(watch.watching(), 1u);
}

// A browser that waits has a place beside the person's phones, and hears of its transaction alone.
TEST(InboxWatch, BoundsTheBrowsersThatFollowATransaction) {
    InboxWatch watch(limits(2, 4));
    const auto transaction = std::make_shared<http::Signal>();
    std::vector<std::shared_ptr<http::Signal>> held{*watch.follow("an", transaction),
                                                    *watch.follow("an", transaction),
                                                    *watch.enter(phone("an"))};

    const auto third = watch.follow("an", transaction);
    transaction->notify();
    watch.changed(asking(Approver::signer, "an"));

    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().kind, ErrorKind::busy);
    EXPECT_NE(third.error().detail.find("browser"), std::string::npos) << third.error().detail;
    EXPECT_EQ(held[0].get(), transaction.get());
    EXPECT_EQ(held[0]->generation(), 1u);
    held.push_back(*watch.enter(phone("an")));
    EXPECT_EQ(watch.follow("binh", transaction).error().kind, ErrorKind::unavailable);
    held.clear();
    EXPECT_EQ(watch.watching(), 0u);
    EXPECT_TRUE(watch.follow("an", transaction));
}

TEST(InboxWatch, ForgetsWhoHasGone) {
    InboxWatch watch(limits(8, 100));
    auto an = *watch.enter(phone("an"));
    an.reset();

    watch.changed(asking(Approver::signer, "an"));

    EXPECT_EQ(watch.watching(), 0u);
    EXPECT_EQ((*watch.enter(phone("an")))->generation(), 0u);
}

}  // namespace
}  // namespace server::api

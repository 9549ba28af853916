#include <gtest/gtest.h>

#include "tests/unit/firmware/boot/sim_device.h"

namespace firmware::boot::testing {
namespace {

class UpdaterTest : public ::testing::Test {
protected:
    UpdaterTest() { CHECK(device.flash_raw(0, first).has_value() && device.start().has_value()); }
    Updater& updater() { return device.updater(); }
    Status examined(const FirmwareHead& head) { return status(updater().examine(head)); }
    BootRecord record() { return *BootState(device.state).load(); }

    const Release first = make_release({.version = 5, .security_version = 2});
    const Release second = make_release({.version = 6, .security_version = 2});
    SimDevice device;
};

TEST_F(UpdaterTest, KnowsWhatRuns) {
    const auto running = updater().running();
    ASSERT_TRUE(running.has_value());
    EXPECT_EQ(running->header.version, 5u);
    EXPECT_EQ(running->firmware_hash, first.hash);
    EXPECT_EQ(running->variant.load_address, run_addresses[0]);
}

TEST_F(UpdaterTest, TakesOnlyReleasesThatMayFollow) {
    EXPECT_EQ(examined(second.head), Status::ok);
    EXPECT_EQ(examined(first.head), Status::image_too_old);
    EXPECT_EQ(examined(make_release({.version = 4, .security_version = 2}).head),
              Status::image_too_old);
    EXPECT_EQ(examined(make_release({.version = 6, .security_version = 1}).head),
              Status::image_too_old);
    EXPECT_EQ(examined(make_release({.version = 6, .security_version = 2, .board = "other"}).head),
              Status::image_of_other_board);
    EXPECT_EQ(examined(make_release({.version = 6, .security_version = 2, .size = 4000}).head),
              Status::image_too_large);
    const ReleaseForm elsewhere{
        .version = 6, .security_version = 2, .addresses = {run_addresses[0], 0x0900'0000}};
    EXPECT_EQ(examined(make_release(elsewhere).head), Status::image_of_other_board);
}

TEST_F(UpdaterTest, TakesNoOtherSignatureThanTheMakers) {
    const auto header =
        header_of({.version = 6, .security_version = 2}, {second.images[0], second.images[1]});
    EXPECT_EQ(examined(signed_head(header, Passkey())), Status::image_signature_wrong);
    for (std::size_t bit = 0; bit < 8 * sizeof(FirmwareHead); bit += 7) {
        auto changed = second.head;
        changed[bit / 8] ^= static_cast<Byte>(1u << bit % 8);
        EXPECT_NE(examined(changed), Status::ok) << bit;
    }
    EXPECT_EQ(status(updater().examine(ByteView(second.head).first(191))), Status::image_malformed);
    EXPECT_EQ(status(updater().examine({})), Status::image_malformed);
}

TEST_F(UpdaterTest, TakesChunksInOrderOnly) {
    EXPECT_EQ(status(updater().write(0, Bytes(32))), Status::update_not_begun);
    EXPECT_EQ(status(updater().seal()), Status::update_not_begun);
    EXPECT_EQ(status(updater().activate()), Status::update_not_begun);
    ASSERT_TRUE(updater().begin(*updater().examine(second.head)).has_value());
    const ByteView image = second.images[1];

    EXPECT_EQ(status(updater().write(32, image.first(32))), Status::update_offset_wrong);
    EXPECT_EQ(status(updater().write(0, image.first(33))), Status::malformed);
    EXPECT_EQ(status(updater().write(0, {})), Status::malformed);
    EXPECT_EQ(status(updater().write(0, Bytes(image.size() + 1))), Status::image_too_large);
    EXPECT_EQ(*updater().write(0, image.first(64)), 64u);
    EXPECT_EQ(status(updater().write(0, image.first(64))), Status::update_offset_wrong);
    EXPECT_EQ(status(updater().seal()), Status::update_offset_wrong);
    EXPECT_EQ(*updater().write(64, image.subspan(64)), image.size());
    EXPECT_EQ(status(updater().write(1300, Bytes(32))), Status::image_too_large);
    EXPECT_EQ(status(updater().activate()), Status::update_not_begun);
    EXPECT_EQ(status(updater().seal()), Status::ok);
    EXPECT_EQ(status(updater().seal()), Status::update_not_begun);
    EXPECT_EQ(status(updater().write(1300, Bytes(32))), Status::update_not_begun);
    EXPECT_EQ(status(updater().activate()), Status::ok);
    EXPECT_EQ(status(updater().activate()), Status::update_not_begun);
    EXPECT_EQ(record().slots[1].state, SlotState::pending);
    EXPECT_EQ(device.flash.violations(), 0u);
}

TEST_F(UpdaterTest, DoesNotSealAnImageThatIsNotTheReleases) {
    auto wrong = second;
    wrong.images[1][1299] ^= 1;

    EXPECT_EQ(status(device.install(wrong)), Status::image_hash_wrong);
    EXPECT_EQ(record().slots[1].state, SlotState::empty);
    EXPECT_EQ(*device.start(), 0u);
}

TEST_F(UpdaterTest, RetiresTheSlotBeforeItChanges) {
    ASSERT_EQ(status(device.install(second)), Status::ok);
    ASSERT_EQ(record().slots[1].state, SlotState::pending);

    ASSERT_TRUE(updater().begin(*updater().examine(second.head)).has_value());

    EXPECT_EQ(record().slots[1].state, SlotState::empty);
    EXPECT_EQ(*device.start(), 0u);
}

TEST_F(UpdaterTest, DoesNothingWhileOnTrial) {
    ASSERT_EQ(status(device.install(second)), Status::ok);
    ASSERT_EQ(*device.start(), 1u);
    const auto third = make_release({.version = 7, .security_version = 2});

    EXPECT_EQ(examined(third.head), Status::wrong_state);
    ASSERT_TRUE(updater().confirm().has_value());
    EXPECT_EQ(examined(third.head), Status::ok);
    const auto before = record();
    ASSERT_TRUE(updater().confirm().has_value());
    EXPECT_EQ(record(), before);
}

TEST_F(UpdaterTest, AuthorisesWhatRunsOnce) {
    ASSERT_TRUE(updater().authorise_running().has_value());
    EXPECT_EQ(record().sequence, 1u);
    ASSERT_TRUE(device.draw_secret().has_value());
    ASSERT_TRUE(updater().authorise_running().has_value());
    ASSERT_TRUE(updater().authorise_running().has_value());

    EXPECT_EQ(record().sequence, 2u);
    EXPECT_EQ(record().slots[0].authorisation, *authorisation_of(device.guard, first.hash));
    EXPECT_EQ(*device.start(), 0u);
    EXPECT_TRUE(*device.guard.holds_secret());
}

}  // namespace
}  // namespace firmware::boot::testing

#include <gtest/gtest.h>

#include "tests/unit/firmware/boot/sim_device.h"

namespace firmware::boot::testing {
namespace {

class LoaderTest : public ::testing::Test {
protected:
    // A module in use: it runs `first`, officers approved that, and it has a KEK.
    void make_operational() {
        ASSERT_TRUE(device.flash_raw(0, first).has_value());
        ASSERT_EQ(status(device.start()), Status::ok);
        ASSERT_TRUE(device.draw_secret().has_value());
        ASSERT_TRUE(device.updater().authorise_running().has_value());
        ASSERT_EQ(slot_started(), 0);
    }
    int slot_started() {
        const auto started = device.start();
        return started ? static_cast<int>(*started) : -1;
    }
    BootRecord record() { return *BootState(device.state).load(); }
    bool holds_secret() { return *device.guard.holds_secret(); }
    bool was_wiped() { return device.secret_presence() == Presence::wiped; }

    using Presence = engine::psa::FlashSecret::Presence;

    const Release first = make_release({.version = 1, .security_version = 2});
    const Release second = make_release({.version = 2, .security_version = 3});
    SimDevice device;
};

TEST_F(LoaderTest, StartsNothingFromABlankDevice) {
    EXPECT_EQ(status(device.start()), Status::image_missing);
    EXPECT_EQ(status(BootState(device.state).load()), Status::no_such_record);
}

TEST_F(LoaderTest, AdoptsWhatTheFactoryFlashed) {
    ASSERT_TRUE(device.flash_raw(1, first).has_value());

    EXPECT_EQ(slot_started(), 1);
    EXPECT_EQ(record().slots[1].state, SlotState::confirmed);
    EXPECT_EQ(record().slots[1].firmware_hash, first.hash);
    EXPECT_EQ(record().security_floor, 2u);
    EXPECT_EQ(slot_started(), 1);
    EXPECT_EQ(record().sequence, 1u);
}

TEST_F(LoaderTest, TriesAnUpdateOnceAndKeepsItWhenItConfirms) {
    make_operational();
    ASSERT_EQ(status(device.install(second)), Status::ok);

    EXPECT_EQ(slot_started(), 1);
    EXPECT_EQ(record().security_floor, 2u);
    ASSERT_TRUE(device.updater().confirm().has_value());
    EXPECT_EQ(record().security_floor, 3u);
    EXPECT_EQ(slot_started(), 1);
    EXPECT_EQ(record().slots[0].state, SlotState::empty);
    EXPECT_TRUE(holds_secret());
}

TEST_F(LoaderTest, FallsBackFromATrialThatDidNotConfirm) {
    make_operational();
    ASSERT_EQ(status(device.install(second)), Status::ok);

    EXPECT_EQ(slot_started(), 1);
    EXPECT_EQ(slot_started(), 0);
    EXPECT_EQ(slot_started(), 0);
    EXPECT_EQ(record().security_floor, 2u);
    EXPECT_TRUE(holds_secret());
}

TEST_F(LoaderTest, DropsAPendingImageThatHasChanged) {
    make_operational();
    ASSERT_EQ(status(device.install(second)), Status::ok);
    const auto slot_b = SimDevice::slot_sectors * SimDevice::geometry.sector_size;
    device.flash.flip(8 * (slot_b + hsm::protocol::firmware_body_offset + 77));

    EXPECT_EQ(slot_started(), 0);
    EXPECT_EQ(record().slots[1].state, SlotState::empty);
    EXPECT_TRUE(holds_secret());
}

// Each bit of head and image, and of what stands between them: nothing is signed there.
TEST_F(LoaderTest, WipesTheSecretWhenAnyBitOfTheRunningImageFlips) {
    make_operational();
    const auto image_end = hsm::protocol::firmware_body_offset + first.images[0].size();
    for (std::size_t at = 0; at < image_end; at += at < 200 ? 1 : 59) {
        SimDevice changed(device);
        changed.flash.flip(8 * at + at % 8);
        const bool in_gap = at >= sizeof(FirmwareHead) && at < hsm::protocol::firmware_body_offset;

        const auto started = changed.start();

        EXPECT_EQ(status(started), in_gap ? Status::ok : Status::image_missing) << at;
        EXPECT_EQ(*changed.guard.holds_secret(), in_gap) << at;
    }
}

TEST_F(LoaderTest, WipesTheSecretBeforeItStartsAReleaseThatNobodyApproved) {
    make_operational();
    ASSERT_TRUE(device.flash_raw(0, second).has_value());

    EXPECT_EQ(slot_started(), 0);
    EXPECT_TRUE(was_wiped());
    EXPECT_EQ(record().slots[0].firmware_hash, second.hash);
}

TEST_F(LoaderTest, WipesTheSecretWhenTheRecordIsForged) {
    make_operational();
    ASSERT_TRUE(device.flash_raw(0, second).has_value());
    auto forged = record();
    forged.slots[0].firmware_hash = second.hash;
    ASSERT_TRUE(BootState(device.state).store(forged).has_value());

    EXPECT_EQ(slot_started(), 0);
    EXPECT_TRUE(was_wiped());
}

TEST_F(LoaderTest, WipesTheSecretWhenTheRecordIsGone) {
    make_operational();
    ASSERT_TRUE(device.state.erase(0).has_value());
    ASSERT_TRUE(device.state.erase(1).has_value());

    EXPECT_EQ(slot_started(), 0);
    EXPECT_TRUE(was_wiped());
}

// A first start that was cut off: nothing has been sealed yet.
TEST_F(LoaderTest, ForgetsASecretThatHasVouchedForNothing) {
    ASSERT_TRUE(device.flash_raw(0, first).has_value());
    ASSERT_EQ(slot_started(), 0);
    ASSERT_TRUE(device.draw_secret().has_value());

    EXPECT_EQ(slot_started(), 0);
    EXPECT_EQ(device.secret_presence(), Presence::absent);
}

// Tamper input or panic: what runs stays, there is only nothing left to lose.
TEST_F(LoaderTest, StartsTheConfirmedImageWhenTheSecretIsGone) {
    make_operational();
    const auto third = make_release({.version = 3, .security_version = 2});
    ASSERT_EQ(status(device.install(third)), Status::ok);
    ASSERT_EQ(slot_started(), 1);
    ASSERT_TRUE(device.updater().confirm().has_value());
    ASSERT_TRUE(device.guard.wipe().has_value());

    // The first release is still in slot 0, and would do.
    EXPECT_EQ(slot_started(), 1);
    EXPECT_TRUE(was_wiped());
}

TEST_F(LoaderTest, AdoptsTheSlotThatRanFirst) {
    make_operational();
    const auto third = make_release({.version = 3, .security_version = 2});
    ASSERT_EQ(status(device.install(third)), Status::ok);
    ASSERT_EQ(slot_started(), 1);
    ASSERT_TRUE(device.updater().confirm().has_value());
    auto forged = record();
    forged.slots[1].authorisation[0] ^= 1;
    ASSERT_TRUE(BootState(device.state).store(forged).has_value());

    EXPECT_EQ(slot_started(), 1);
    EXPECT_TRUE(was_wiped());
}

TEST_F(LoaderTest, KeepsTheFloorWhenItAdopts) {
    make_operational();
    ASSERT_EQ(status(device.install(second)), Status::ok);
    ASSERT_EQ(slot_started(), 1);
    ASSERT_TRUE(device.updater().confirm().has_value());
    const auto slot_b = SimDevice::slot_sectors * SimDevice::geometry.sector_size;
    device.flash.flip(8 * slot_b);

    // The first release is still in slot 0, whole and signed.
    EXPECT_EQ(status(device.start()), Status::image_missing);
    EXPECT_TRUE(was_wiped());
    EXPECT_EQ(record().security_floor, 3u);
}

struct Foreign {
    const char* name;
    ReleaseForm form;
    bool by_maker = true;
};

TEST_F(LoaderTest, AdoptsNothingThatIsNotForIt) {
    const Foreign cases[] = {
        {"another maker", {}, false},
        {"another board", {.board = "other_board"}},
        {"other addresses", {.addresses = {0x0802'0200, 0x0804'0200}}},
    };
    for (const auto& foreign : cases) {
        auto release = make_release(foreign.form);
        if (!foreign.by_maker) {
            release.head = signed_head(header_of(foreign.form, release.images), Passkey());
        }
        ASSERT_TRUE(device.flash_raw(0, release).has_value());

        EXPECT_EQ(status(device.start()), Status::image_missing) << foreign.name;
    }
}

// Trouble of the flash is no verdict on the image: the secret stays.
TEST_F(LoaderTest, KeepsTheSecretWhenTheFlashCannotBeRead) {
    make_operational();
    device.flash.cut_at(1, Tear::nothing, 1);
    ASSERT_FALSE(device.slot_b.erase(0).has_value());
    ASSERT_TRUE(device.flash.off());

    EXPECT_EQ(status(device.start()), Status::storage_failed);
    device.flash.power_on();
    EXPECT_EQ(slot_started(), 0);
    EXPECT_TRUE(holds_secret());
}

TEST(Permit, DeniesUntilBothAnswersGrantTheSameAddress) {
    Permit permit;
    EXPECT_FALSE(permit.is_granted());
    permit.first().word = Permit::granted;
    permit.first().address = 0x1000;
    EXPECT_FALSE(permit.is_granted());
    permit.second().word = Permit::granted;
    EXPECT_FALSE(permit.is_granted());
    permit.second().address = 0x1000;
    EXPECT_TRUE(permit.is_granted());
    EXPECT_EQ(permit.address(), 0x1000u);

    permit.deny();
    EXPECT_FALSE(permit.is_granted());
    EXPECT_DEATH((void)permit.address(), "");
}

}  // namespace
}  // namespace firmware::boot::testing

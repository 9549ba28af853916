#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "hsm/base/hex.h"
#include "tests/unit/firmware/boot/sim_device.h"

namespace firmware::boot::testing {
namespace {

BootRecord example() {
    BootRecord record;
    record.sequence = 7;
    record.security_floor = 4;
    record.slots[0].state = SlotState::confirmed;
    record.slots[0].firmware_hash.fill(0x11);
    record.slots[0].authorisation.fill(0x22);
    record.slots[1].state = SlotState::pending;
    record.slots[1].firmware_hash.fill(0x33);
    record.slots[1].authorisation.fill(0x44);
    return record;
}

// The second hex block of FORMAT.md.
Bytes documented() {
    const char* source = std::getenv("KYSO_SOURCE");
    std::ostringstream text;
    text << std::ifstream(std::string(source == nullptr ? "." : source) +
                          "/firmware/boot/FORMAT.md")
                .rdbuf();
    const auto all = text.str();
    const auto start = all.find("```hex\n", all.find("```hex\n") + 1);
    std::string digits;
    for (auto i = start + 7; i < all.size() && all[i] != '`'; ++i) {
        if (hsm::hex_value(all[i]) >= 0) {
            digits.push_back(all[i]);
        }
    }
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        bytes.push_back(
            static_cast<Byte>(hsm::hex_value(digits[i]) << 4 | hsm::hex_value(digits[i + 1])));
    }
    return bytes;
}

TEST(BootRecord, IsAsTheDocumentHasIt) {
    const auto bytes = encode(example());

    EXPECT_EQ(documented(), Bytes(bytes.begin(), bytes.end()));
}

TEST(BootRecord, ComesBackAsItWas) {
    EXPECT_EQ(decode_boot_record(encode(example())), example());
}

TEST(BootRecord, IsRefusedWithAnyBitFlipped) {
    const auto bytes = encode(example());
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        auto changed = bytes;
        changed[bit / 8] ^= static_cast<Byte>(1u << bit % 8);
        EXPECT_FALSE(decode_boot_record(changed)) << bit;
    }
    EXPECT_FALSE(decode_boot_record(ByteView(bytes).first(bytes.size() - 1)));
    EXPECT_FALSE(decode_boot_record({}));
}

// The statement of the model: what each step does, from every state that it is allowed in.
TEST(BootRecord, GoesFromOneStepToTheNext) {
    const auto adopted = with_adopted(2, 0, Digest{1}, 3);
    EXPECT_EQ(adopted.security_floor, 3u);
    EXPECT_EQ(running_slot(adopted), 0u);
    EXPECT_EQ(with_adopted(5, 1, Digest{1}, 3).security_floor, 5u);

    const auto pending = with_pending(adopted, 1, Digest{2}, Digest{9});
    EXPECT_EQ(running_slot(pending), 0u);
    EXPECT_EQ(slot_in(pending, SlotState::pending), 1u);

    const auto trial = with_trial(pending, 1);
    EXPECT_EQ(running_slot(trial), 1u);
    EXPECT_EQ(trial.slots[1].authorisation, Digest{9});
    EXPECT_EQ(trial.security_floor, 3u);
    EXPECT_EQ(with_empty(trial, 1), adopted);

    const auto confirmed = with_confirmed(trial, 1, 4);
    EXPECT_EQ(running_slot(confirmed), 1u);
    EXPECT_EQ(confirmed.slots[0], SlotRecord{});
    EXPECT_EQ(confirmed.security_floor, 4u);
    EXPECT_EQ(with_confirmed(trial, 1, 1).security_floor, 3u);

    EXPECT_EQ(running_slot(BootRecord{}), std::nullopt);
}

TEST(BootRecordDeathTest, TakesNoStepOutOfTurn) {
    const auto adopted = with_adopted(0, 0, Digest{1}, 1);
    EXPECT_DEATH((void)with_trial(adopted, 1), "");
    EXPECT_DEATH((void)with_pending(adopted, 0, Digest{}, Digest{}), "");
    EXPECT_DEATH((void)with_confirmed(adopted, 0, 1), "");
    EXPECT_DEATH((void)with_authorisation(adopted, 1, Digest{}), "");
}

TEST(BootState, KeepsTheNewestRecord) {
    SimFlash flash({1024, 2, 16});
    BootState state(flash);
    EXPECT_EQ(status(state.load()), Status::no_such_record);

    auto record = with_adopted(0, 0, Digest{1}, 1);
    for (std::uint32_t i = 1; i <= 20; ++i) {
        record.security_floor = i;
        ASSERT_EQ(status(state.store(record)), Status::ok);
        const auto loaded = state.load();
        ASSERT_TRUE(loaded.has_value());
        EXPECT_EQ(loaded->sequence, i);
        EXPECT_EQ(loaded->security_floor, i);
    }
    EXPECT_EQ(flash.violations(), 0u);
    EXPECT_EQ(flash.erases(0), 10u);
    EXPECT_EQ(flash.erases(1), 10u);
}

TEST(BootState, FallsBackToTheOtherSector) {
    SimFlash flash({1024, 2, 16});
    BootState state(flash);
    auto record = with_adopted(0, 0, Digest{1}, 1);
    ASSERT_TRUE(state.store(record).has_value());
    record.security_floor = 2;
    ASSERT_TRUE(state.store(record).has_value());

    flash.flip(8 * 1024 + 200);

    const auto loaded = state.load();
    ASSERT_TRUE(loaded.has_value());
    EXPECT_EQ(loaded->security_floor, 1u);
    flash.flip(200);
    EXPECT_EQ(status(state.load()), Status::no_such_record);
}

TEST(BootStateDeathTest, NeverLowersTheSecurityFloor) {
    SimFlash flash({1024, 2, 16});
    BootState state(flash);
    auto record = with_adopted(0, 0, Digest{1}, 5);
    ASSERT_TRUE(state.store(record).has_value());
    record.security_floor = 4;
    EXPECT_DEATH((void)state.store(record), "");
}

}  // namespace
}  // namespace firmware::boot::testing

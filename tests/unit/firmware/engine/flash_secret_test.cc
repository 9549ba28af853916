#include "firmware/engine/psa/flash_secret.h"

#include <gtest/gtest.h>

#include "firmware/engine/psa/initialize.h"
#include "tests/support/sim_flash.h"

namespace {

using firmware::engine::psa::flash_secret_size;
using firmware::engine::psa::FlashSecret;
using hsm::Byte;
using hsm::Status;
using tests::support::SimFlash;
using tests::support::Tear;
using Presence = FlashSecret::Presence;
using Bytes = std::vector<Byte>;

constexpr firmware::hal::FlashGeometry two_sectors = {
    .sector_size = 4096, .sector_count = 2, .program_unit = 16};

class FlashSecretTest : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(firmware::engine::psa::initialize()); }

    Status read(Bytes& out) {
        hsm::Secret<flash_secret_size> read;
        const auto status = secret_.read(read);
        out.assign(read.reveal().begin(), read.reveal().end());
        return status ? Status::ok : status.error();
    }
    Presence presence() {
        const auto found = secret_.look();
        CHECK(found.has_value());
        return *found;
    }

    const Bytes drawn_ = Bytes(flash_secret_size, 0x42);
    SimFlash flash_{two_sectors};
    FlashSecret secret_{flash_, 1};
    Bytes out_;
};

TEST_F(FlashSecretTest, IsAbsentThenPresentThenWiped) {
    EXPECT_EQ(presence(), Presence::absent);
    EXPECT_EQ(read(out_), Status::key_wiped);

    ASSERT_TRUE(secret_.draw(drawn_));
    EXPECT_EQ(presence(), Presence::present);
    EXPECT_EQ(read(out_), Status::ok);
    EXPECT_EQ(out_, drawn_);

    ASSERT_TRUE(secret_.wipe());
    EXPECT_EQ(presence(), Presence::wiped);
    EXPECT_EQ(read(out_), Status::key_wiped);
    ASSERT_TRUE(secret_.wipe());
    EXPECT_EQ(presence(), Presence::wiped);
    EXPECT_EQ(flash_.violations(), 0u);
}

TEST_F(FlashSecretTest, NoBitOfAWipedSecretIsLeft) {
    ASSERT_TRUE(secret_.draw(drawn_));
    ASSERT_TRUE(secret_.wipe());

    const auto bytes = flash_.bytes();
    EXPECT_EQ(std::search(bytes.begin(), bytes.end(), drawn_.begin(), drawn_.begin() + 4),
              bytes.end());
}

TEST_F(FlashSecretTest, TellsAFlippedBit) {
    ASSERT_TRUE(secret_.draw(drawn_));
    for (std::size_t bit = 0; bit < 8 * 48; ++bit) {
        flash_.flip(8 * two_sectors.sector_size + bit);
        EXPECT_EQ(presence(), Presence::damaged) << bit;
        flash_.flip(8 * two_sectors.sector_size + bit);
    }
    EXPECT_EQ(presence(), Presence::present);
}

// Power is cut in every operation, torn in every way. Drawing: nothing but the whole secret counts
// as one, and drawing again succeeds. Wiping: the secret is whole or no longer readable, and wiping
// again succeeds.
TEST_F(FlashSecretTest, SurvivesACutInEveryOperation) {
    for (const auto tear : tests::support::all_tears) {
        for (std::uint64_t cut = 1; cut <= 8; ++cut) {
            SimFlash flash(two_sectors);
            FlashSecret secret(flash, 1);
            flash.cut_at(cut, tear, static_cast<std::uint32_t>(cut));
            const bool drawn = secret.draw(drawn_).has_value();
            flash.power_on();
            hsm::Secret<flash_secret_size> read;
            const auto status = secret.read(read);
            EXPECT_TRUE(status || !drawn);
            if (status) {
                EXPECT_TRUE(hsm::equal(read.reveal(), drawn_));
            }
            ASSERT_TRUE(secret.draw(drawn_));

            flash.cut_at(cut, tear, static_cast<std::uint32_t>(cut));
            const bool wiped = secret.wipe().has_value();
            flash.power_on();
            const auto after = secret.read(read);
            EXPECT_FALSE(after && wiped);
            if (after) {
                EXPECT_TRUE(hsm::equal(read.reveal(), drawn_));
            } else {
                EXPECT_EQ(after.error(), Status::key_wiped);
            }
            ASSERT_TRUE(secret.wipe());
            EXPECT_EQ(*secret.look(), Presence::wiped);
            EXPECT_EQ(flash.violations(), 0u);
        }
    }
}

}  // namespace

#include "firmware/storage/counter.h"

#include <gtest/gtest.h>

#include "tests/unit/firmware/storage/store_driver.h"

namespace firmware::storage {
namespace {

using hsm::view_of;
using tests::support::SimFlash;
using tests::support::Tear;

class CounterTest : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(store.format(7)); }

    Result<std::uint64_t> value_after_a_cut() {
        flash.power_on();
        Recorder seen;
        TRY(store.mount(seen));
        return counter.value();
    }

    SimFlash flash{{4096, 9, 8}};
    TestMemory memory;
    LogStore store{flash, memory.spans()};
    MonotonicCounter counter{store, "count"};
};

TEST_F(CounterTest, CountsFromOne) {
    EXPECT_EQ(*counter.value(), 0u);
    EXPECT_EQ(*counter.advance(), 1u);
    EXPECT_EQ(*counter.advance(), 2u);
    EXPECT_EQ(*value_after_a_cut(), 2u);
}

TEST_F(CounterTest, NeverFalls) {
    ASSERT_TRUE(counter.raise(7));
    ASSERT_TRUE(counter.raise(3));

    EXPECT_EQ(*counter.value(), 7u);
    EXPECT_EQ(*value_after_a_cut(), 7u);
    EXPECT_EQ(*counter.advance(), 8u);
}

TEST_F(CounterTest, AnswersNoNumberThatIsNotDurable) {
    ASSERT_EQ(*counter.advance(), 1u);
    for (std::uint64_t cut = 1;; ++cut) {
        flash.power_on();
        flash.cut_at(cut, Tear::nothing, 1);
        Recorder seen;
        const auto before = store.mount(seen) ? counter.value() : Result<std::uint64_t>(0);
        const auto number =
            flash.off() ? Result<std::uint64_t>(Status::storage_failed) : counter.advance();
        if (!flash.off()) {
            EXPECT_EQ(*number, *before + 1);
            break;
        }
        const auto after = value_after_a_cut();
        EXPECT_GE(*after, number ? *number : 1) << cut;
    }
}

TEST_F(CounterTest, RefusesWhatIsNoNumber) {
    for (const std::size_t size : {0, 1, 7, 9, 100}) {
        ASSERT_TRUE(store.put(view_of("count"), view_of(std::string(size, 'x'))));

        EXPECT_EQ(counter.value().error(), Status::storage_corrupt) << size;
        EXPECT_EQ(counter.advance().error(), Status::storage_corrupt) << size;
    }
}

TEST_F(CounterTest, EndsWithItsLastNumber) {
    ASSERT_TRUE(counter.raise(UINT64_MAX));

    EXPECT_EQ(counter.advance().error(), Status::storage_full);
    EXPECT_EQ(*counter.value(), UINT64_MAX);
}

}  // namespace
}  // namespace firmware::storage

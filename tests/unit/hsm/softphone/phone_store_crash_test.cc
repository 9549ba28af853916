#include <csignal>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "hsm/softphone/phone_store.h"
#include "tests/unit/hsm/softphone/test_folder.h"

namespace hsm::softphone {
namespace {

// Shared with the child, so that the parent kills it in the middle of its work.
struct Progress {
    volatile std::uint32_t saved = 0;
};

[[noreturn]] void change_for_ever(const std::filesystem::path& path, Progress& progress) {
    auto store = PhoneStore::open(path);
    while (store && store->update([](PhoneState& state) {
        ++state.sign_count;
        // A file of several pages, each of its lines telling the same count.
        state.keys.assign(40, KnownKey{});
        for (auto& key : state.keys) {
            key.version = state.sign_count;
        }
    })) {
        progress.saved = store->state().sign_count;
    }
    ::_exit(1);
}

TEST(PhoneStore, HoldsTheStateBeforeOrAfterWhenItsProcessIsKilled) {
    const testing::TestFolder folder;
    const auto path = folder.path("phone.json");
    ASSERT_TRUE(
        PhoneStore::create(
            path,
            {PhoneRole::officer, "o", "a.localhost", "https://a.localhost", Backup::single_device})
            .has_value());
    void* memory = ::mmap(
        nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    auto& progress = *new (memory) Progress;
    const auto point = PhoneStore::open(path)->passkey().point();

    for (unsigned round = 0; round < 60; ++round) {
        const auto before = progress.saved;
        const auto child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            change_for_ever(path, progress);
        }
        int status = 0;
        while (progress.saved == before && ::waitpid(child, &status, WNOHANG) == 0) {
            ::usleep(50);
        }
        ::usleep(37 * round);  // any moment of the change that follows
        ::kill(child, SIGKILL);
        ASSERT_EQ(::waitpid(child, &status, 0), child);

        const auto store = PhoneStore::open(path);
        ASSERT_TRUE(store.has_value()) << store.error().text;
        const auto count = store->state().sign_count;
        EXPECT_GE(count, progress.saved);
        EXPECT_LE(count, progress.saved + 1);
        EXPECT_EQ(store->passkey().point(), point);
        ASSERT_EQ(store->state().keys.size(), 40u);
        for (const auto& key : store->state().keys) {
            EXPECT_EQ(key.version, count);
        }
        progress.saved = count;
    }
    ::munmap(memory, sizeof(Progress));
}

}  // namespace
}  // namespace hsm::softphone

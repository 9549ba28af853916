#include "board/host/file_flash.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/storage/log_store.h"

namespace board::host {
namespace {

namespace fs = std::filesystem;
using firmware::storage::LogStore;
using firmware::storage::LogStoreMemory;
using hsm::view_of;

class FileFlashTest : public ::testing::Test {
protected:
    void SetUp() override {
        folder = fs::temp_directory_path() / ("kyso-flash-" + std::to_string(::getpid()));
        fs::remove_all(folder);
        fs::create_directory(folder);
        path = folder / "store";
    }
    void TearDown() override { fs::remove_all(folder); }

    std::unique_ptr<FileFlash> open(const FlashGeometry& geometry = file_flash_geometry) {
        auto flash = FileFlash::open(path, geometry);
        EXPECT_TRUE(flash);
        return flash ? std::move(*flash) : nullptr;
    }

    fs::path folder;
    fs::path path;
};

TEST_F(FileFlashTest, IsErasedAndSparseWhenNew) {
    const auto flash = open();
    std::array<Byte, 64> bytes{};
    struct stat found {};

    ASSERT_TRUE(flash->read(255u * 1024 * 1024, bytes));
    EXPECT_THAT(bytes, ::testing::Each(0xff));
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_size, 256 * 1024 * 1024);
    EXPECT_LT(found.st_blocks, 64);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(FileFlashTest, KeepsWhatWasProgrammedUntilItIsErased) {
    std::array<Byte, 32> bytes{};
    {
        const auto flash = open();
        ASSERT_TRUE(flash->program(65536 + 16, view_of("sixteen bytes...and once more 16")));
        ASSERT_TRUE(flash->program(2 * 65536, view_of("its neighbour...")));
        ASSERT_TRUE(flash->sync());
    }
    const auto flash = open();
    ASSERT_TRUE(flash->read(65536 + 16, bytes));
    EXPECT_EQ(hsm::text_of(bytes), "sixteen bytes...and once more 16");

    ASSERT_TRUE(flash->erase(1));

    ASSERT_TRUE(flash->read(65536 + 16, bytes));
    EXPECT_THAT(bytes, ::testing::Each(0xff));
    ASSERT_TRUE(flash->read(2 * 65536, hsm::MutableBytes(bytes).first(16)));
    EXPECT_EQ(hsm::text_of(bytes).substr(0, 16), "its neighbour...");
}

TEST_F(FileFlashTest, IsOpenedOnlyOnceAtATime) {
    auto flash = open();

    EXPECT_EQ(FileFlash::open(path, file_flash_geometry).error(), Status::busy);
    flash.reset();
    EXPECT_TRUE(FileFlash::open(path, file_flash_geometry));
}

TEST_F(FileFlashTest, RefusesAFileOfAnotherSize) {
    std::ofstream(path) << "not a store";

    EXPECT_EQ(FileFlash::open(path, file_flash_geometry).error(), Status::configuration_wrong);
    EXPECT_EQ(FileFlash::open(folder, file_flash_geometry).error(), Status::storage_failed);
    EXPECT_EQ(FileFlash::open(folder / "no" / "folder", file_flash_geometry).error(),
              Status::storage_failed);
}

class Counter final : public firmware::storage::LogVisitor {
public:
    Result<void> log_record(std::uint64_t index, ByteView record) override {
        intact = intact && hsm::text_of(record) == "record " + std::to_string(index);
        ++count;
        return {};
    }
    Result<void> note(ByteView) override { return {}; }
    std::uint64_t count = 0;
    bool intact = true;
};

using SmallMemory = LogStoreMemory<64, 16, 65536>;
constexpr FlashGeometry small_geometry = {
    .sector_size = 8192, .sector_count = 64, .program_unit = 16};

// Appends, one sync each, and writes a byte to `told` after each until it is killed.
[[noreturn]] void append_until_killed(const fs::path& path, int told) {
    static SmallMemory memory;
    auto flash = FileFlash::open(path, small_geometry);
    LogStore store(**flash, memory.spans());
    Counter counter;
    if (*LogStore::is_unformatted(**flash) ? !store.format(1) : !store.mount(counter)) {
        ::_exit(1);
    }
    for (;;) {
        const auto record = "record " + std::to_string(store.next_log_index());
        if (!store.append_log(view_of(record)) || !store.sync() || ::write(told, "x", 1) != 1) {
            ::_exit(2);
        }
    }
}

TEST_F(FileFlashTest, CarriesAStoreThroughBeingKilled) {
    std::uint64_t told_before = 0;
    for (int round = 0; round < 8; ++round) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            ::close(ends[0]);
            append_until_killed(path, ends[1]);
        }
        ::close(ends[1]);
        std::uint64_t told = 0;
        char byte = 0;
        while (told < 40u + 7u * static_cast<unsigned>(round) && ::read(ends[0], &byte, 1) == 1) {
            ++told;
        }
        ::kill(child, SIGKILL);
        while (::read(ends[0], &byte, 1) == 1) {
            ++told;
        }
        ::close(ends[0]);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status));

        const auto flash = open(small_geometry);
        const auto memory = std::make_unique<SmallMemory>();
        LogStore store(*flash, memory->spans());
        Counter counter;
        ASSERT_TRUE(store.mount(counter));
        EXPECT_TRUE(counter.intact);
        EXPECT_GE(counter.count, told_before + told);
        EXPECT_LE(counter.count, told_before + told + 1);
        told_before = counter.count;
    }
}

TEST_F(FileFlashTest, MountsALargeLogWithoutDelay) {
    using Memory = LogStoreMemory<4096, 1024, 65536>;
    const auto memory = std::make_unique<Memory>();
    const auto flash = open();
    LogStore store(*flash, memory->spans());
    ASSERT_TRUE(store.format(1));
    const std::string record(1000, 'r');
    for (int i = 0; i < 20000; ++i) {
        ASSERT_TRUE(store.append_log(view_of(record)));
    }
    ASSERT_TRUE(store.sync());
    ASSERT_TRUE(store.release_log(19000));
    ASSERT_TRUE(store.sync());

    class Silent final : public firmware::storage::LogVisitor {
    public:
        Result<void> log_record(std::uint64_t, ByteView) override {
            ++count;
            return {};
        }
        Result<void> note(ByteView) override { return {}; }
        int count = 0;
    } visitor;
    ASSERT_TRUE(store.mount(visitor));

    EXPECT_EQ(visitor.count, 1000);
    std::array<Byte, 1000> buffer{};
    EXPECT_TRUE(store.read_log(19500, buffer));
    EXPECT_GT(store.first_log_index(), 18900u);
}

}  // namespace
}  // namespace board::host

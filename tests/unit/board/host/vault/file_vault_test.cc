#include "board/host/vault/file_vault.h"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace {

using board::host::vault::FileVault;
using firmware::engine::psa::Creation;
using hsm::Byte;
using hsm::Status;
using Bytes = std::vector<Byte>;

class FileVaultTest : public testing::Test {
protected:
    void SetUp() override {
        auto pattern = (std::filesystem::temp_directory_path() / "kyso-vault-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string path() const { return folder_ / "vault.bin"; }

    static Status load_status(FileVault& vault, std::string_view name) {
        Bytes out(4096);
        const auto loaded = vault.load(name, out);
        return loaded ? Status::ok : loaded.error();
    }

    std::filesystem::path folder_;
};

TEST_F(FileVaultTest, GivesBackWhatWasCreatedAlsoToAnother) {
    FileVault writer(path());
    EXPECT_EQ(load_status(writer, "a"), Status::key_missing);
    for (int i = 0; i < 20; ++i) {
        const Bytes record(static_cast<std::size_t>(i) * 10, static_cast<Byte>(i));
        EXPECT_EQ(*writer.create("record-" + std::to_string(i), record), Creation::created);
    }

    FileVault reader(path());
    for (int i = 0; i < 20; ++i) {
        Bytes out(4096);
        const auto size = reader.load("record-" + std::to_string(i), out);
        ASSERT_TRUE(size);
        out.resize(*size);
        EXPECT_EQ(out, Bytes(static_cast<std::size_t>(i) * 10, static_cast<Byte>(i)));
    }
    struct stat status {};
    ASSERT_EQ(stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(FileVaultTest, RemovesARecordAndNoOther) {
    FileVault vault(path());
    ASSERT_TRUE(vault.remove("nothing yet"));
    const std::vector<std::string> names = {"first", "in between", "last"};
    for (const auto& removed : names) {
        for (const auto& name : names) {
            ASSERT_TRUE(vault.create(name, Bytes(name.size() * 20, static_cast<Byte>(name[0]))));
        }

        ASSERT_TRUE(vault.remove(removed));

        FileVault reader(path());
        for (const auto& name : names) {
            Bytes out(4096);
            const auto size = reader.load(name, out);
            ASSERT_EQ(size.has_value(), name != removed) << name;
            EXPECT_TRUE(!size || (*size == name.size() * 20 && out[*size - 1] == name[0]));
        }
        ASSERT_TRUE(vault.remove(removed));
        EXPECT_EQ(*vault.create(removed, Bytes(1)), Creation::created);
        ASSERT_TRUE(vault.remove(removed));
    }
}

TEST_F(FileVaultTest, KeepsTheFirstRecordOfAName) {
    FileVault vault(path());
    ASSERT_TRUE(vault.create("a", Bytes(3, 1)));

    EXPECT_EQ(*vault.create("a", Bytes(5, 2)), Creation::existed);

    Bytes out(10);
    EXPECT_EQ(*vault.load("a", out), 3u);
    Bytes small(2);
    EXPECT_EQ(vault.load("a", small).error(), Status::storage_corrupt);
}

TEST_F(FileVaultTest, TellsAFileThatIsNoVault) {
    FileVault vault(path());
    std::ofstream(path()) << "something else";
    EXPECT_EQ(load_status(vault, "a"), Status::storage_corrupt);
    EXPECT_EQ(vault.create("a", Bytes(3, 1)).error(), Status::storage_corrupt);
}

TEST_F(FileVaultTest, TellsAFileThatWasCut) {
    FileVault vault(path());
    ASSERT_TRUE(vault.create("a", Bytes(30, 1)));
    const auto whole = std::filesystem::file_size(path());
    for (auto size = whole - 1; size > 8; --size) {
        std::filesystem::resize_file(path(), size);
        EXPECT_EQ(load_status(vault, "a"), Status::storage_corrupt) << size;
    }
}

TEST_F(FileVaultTest, FailsWhereItMayNotWrite) {
    FileVault vault("/nonexistent/vault.bin");
    EXPECT_EQ(vault.create("a", Bytes(3, 1)).error(), Status::storage_failed);
}

TEST_F(FileVaultTest, LetsExactlyOneOfManyProcessesCreate) {
    std::vector<pid_t> children;
    for (int child = 0; child < 6; ++child) {
        const auto pid = fork();
        ASSERT_GE(pid, 0);
        if (pid == 0) {
            FileVault vault(path());
            int created = 0;
            for (int i = 0; i < 20; ++i) {
                const auto creation = vault.create("r" + std::to_string(i), Bytes(9, 1));
                if (!creation) {
                    _exit(255);
                }
                created += *creation == Creation::created ? 1 : 0;
            }
            _exit(created);
        }
        children.push_back(pid);
    }
    int created = 0;
    for (auto pid : children) {
        int status = 0;
        ASSERT_EQ(waitpid(pid, &status, 0), pid);
        created += WEXITSTATUS(status);
    }
    EXPECT_EQ(created, 20);
}

}  // namespace

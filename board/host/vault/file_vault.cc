#include "board/host/vault/file_vault.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include "board/host/vault/file_lock.h"
#include "hsm/base/byte_reader.h"

namespace board::host::vault {

using firmware::engine::psa::Creation;
using firmware::engine::psa::vault_name_size_max;
using firmware::engine::psa::vault_record_size_max;
using hsm::Byte;
using hsm::ByteReader;
using hsm::ByteView;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;

namespace {

constexpr std::string_view magic = "kysovlt1";
constexpr std::size_t file_size_max = 1 << 16;
constexpr std::size_t record_head_size = 3;  // before name and record: their sizes

class Descriptor {
public:
    Descriptor(const std::string& path, int flags)
        : number_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int number() const { return number_; }

private:
    int number_;
};

bool write_all(int descriptor, ByteView bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

// `key_missing` when the file has no record of this name.
Result<ByteView> find(ByteView contents, std::string_view name) {
    if (contents.empty()) {
        return Status::key_missing;
    }
    ByteReader reader(contents);
    auto head = reader.take(magic.size());
    if (!head || hsm::text_of(*head) != magic) {
        return Status::storage_corrupt;
    }
    while (!reader.at_end()) {
        const auto name_size = reader.u8();
        const auto record_size = reader.u16();
        if (!name_size || !record_size) {
            return Status::storage_corrupt;
        }
        const auto found = reader.take(*name_size);
        const auto record = reader.take(*record_size);
        if (!found || !record) {
            return Status::storage_corrupt;
        }
        if (hsm::text_of(*found) == name) {
            return *record;
        }
    }
    return Status::key_missing;
}

}  // namespace

Result<std::size_t> FileVault::load(std::string_view name, MutableBytes out) {
    TRY_ASSIGN(const auto contents, read_file());
    TRY_ASSIGN(auto record, find(contents, name));
    if (record.size() > out.size()) {
        return Status::storage_corrupt;
    }
    std::ranges::copy(record, out.begin());
    return record.size();
}

Result<Creation> FileVault::create(std::string_view name, ByteView record) {
    CHECK(name.size() <= vault_name_size_max && record.size() <= vault_record_size_max);
    TRY_ASSIGN(const auto lock, FileLock::acquire(path_ + ".lock"));
    TRY_ASSIGN(auto contents, read_file());
    auto found = find(contents, name);
    if (found) {
        return Creation::existed;
    }
    if (found.error() != Status::key_missing) {
        return found.error();
    }
    if (contents.empty()) {
        contents.assign(magic.begin(), magic.end());
    }
    contents.push_back(static_cast<Byte>(name.size()));
    contents.push_back(static_cast<Byte>(record.size() >> 8));
    contents.push_back(static_cast<Byte>(record.size()));
    contents.insert(contents.end(), name.begin(), name.end());
    contents.insert(contents.end(), record.begin(), record.end());
    if (contents.size() > file_size_max) {
        return Status::storage_full;
    }
    TRY(replace_file(contents));
    return Creation::created;
}

Result<void> FileVault::remove(std::string_view name) {
    TRY_ASSIGN(const auto lock, FileLock::acquire(path_ + ".lock"));
    TRY_ASSIGN(auto contents, read_file());
    const auto found = find(contents, name);
    if (!found) {
        return found.error() == Status::key_missing ? Result<void>() : found.error();
    }
    const auto end = found->data() + found->size() - contents.data();
    const auto start = found->data() - contents.data() -
                       static_cast<std::ptrdiff_t>(record_head_size + name.size());
    contents.erase(contents.begin() + start, contents.begin() + end);
    return replace_file(contents);
}

// Another file than that of the lock which create() takes: a process waits for itself, too.
Result<void> FileVault::hold() {
    TRY_ASSIGN(auto lock, FileLock::acquire(path_ + ".hold"));
    held_.emplace(std::move(lock));
    return {};
}

// An absent file reads as an empty one.
Result<FileVault::Contents> FileVault::read_file() const {
    const Descriptor file(path_, O_RDONLY);
    if (file.number() < 0) {
        if (errno == ENOENT) {
            return Contents{};
        }
        return Status::storage_failed;
    }
    Contents contents(file_size_max + 1);
    std::size_t size = 0;
    while (size < contents.size()) {
        const auto got = ::read(file.number(), contents.data() + size, contents.size() - size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return Status::storage_failed;
        }
        if (got == 0) {
            break;
        }
        size += static_cast<std::size_t>(got);
    }
    if (size > file_size_max) {
        return Status::storage_corrupt;
    }
    contents.resize(size);
    return contents;
}

Result<void> FileVault::replace_file(const Contents& contents) const {
    const auto beside = path_ + ".new";
    {
        const Descriptor file(beside, O_WRONLY | O_CREAT | O_TRUNC);
        if (file.number() < 0 || !write_all(file.number(), contents) ||
            ::fsync(file.number()) != 0) {
            return Status::storage_failed;
        }
    }
    if (std::rename(beside.c_str(), path_.c_str()) != 0) {
        return Status::storage_failed;
    }
    // The rename itself is durable only with its folder.
    const auto parent = std::filesystem::path(path_).parent_path();
    const Descriptor folder(parent.empty() ? "." : parent.string(), O_RDONLY | O_DIRECTORY);
    if (folder.number() < 0 || ::fsync(folder.number()) != 0) {
        return Status::storage_failed;
    }
    return {};
}

}  // namespace board::host::vault

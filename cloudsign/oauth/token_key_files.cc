#include "cloudsign/oauth/token_key_files.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include "hsm/base/zeroize.h"

namespace cloudsign::oauth {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t pem_size_max = 4096;
constexpr std::string_view retired_mark = ".retired-";

Error file_error(const fs::path& path) {
    return {ErrorKind::unavailable,
            "cannot use the token key " + path.string() + ": " + std::strerror(errno)};
}

class File {
public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    ~File() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int get() const { return descriptor_; }
    bool is_open() const { return descriptor_ >= 0; }

private:
    int descriptor_;
};

void sync_folder_of(const fs::path& path) {
    const File folder(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.is_open()) {
        ::fsync(folder.get());
    }
}

fs::path name_beside(const fs::path& path) {
    return path.string() + ".new." + std::to_string(::getpid());
}

Result<void> write_whole(const fs::path& path, const std::string& text) {
    const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    const bool written =
        file.is_open() &&
        ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(file.get()) == 0;
    if (!written) {
        auto error = file_error(path);
        ::unlink(path.c_str());
        return error;
    }
    return {};
}

// Whole or not at all, in place of what was there.
Result<void> replace_file(const fs::path& path, const std::string& text) {
    const auto beside = name_beside(path);
    TRY(write_whole(beside, text));
    if (::rename(beside.c_str(), path.c_str()) != 0) {
        auto error = file_error(path);
        ::unlink(beside.c_str());
        return error;
    }
    sync_folder_of(path);
    return {};
}

// Whole or not at all: written beside, then linked to its name, which fails if another process was
// first; then that one's file stands.
Result<void> create_file(const fs::path& path, const std::string& text) {
    const auto beside = name_beside(path);
    TRY(write_whole(beside, text));
    const bool linked = ::link(beside.c_str(), path.c_str()) == 0 || errno == EEXIST;
    auto error = file_error(path);
    ::unlink(beside.c_str());
    if (!linked) {
        return error;
    }
    sync_folder_of(path);
    return {};
}

Result<std::string> read_file(const fs::path& path) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) {
        return file_error(path);
    }
    std::string pem(pem_size_max, '\0');
    const auto size = ::read(file.get(), pem.data(), pem.size());
    if (size < 0) {
        return file_error(path);
    }
    pem.resize(static_cast<std::size_t>(size));
    return pem;
}

// Of "token-key.pem.retired-1700000000000".
std::optional<std::int64_t> until_in(const std::string& name, const std::string& file_name) {
    const auto prefix = file_name + std::string(retired_mark);
    if (!name.starts_with(prefix)) {
        return std::nullopt;
    }
    std::int64_t until = 0;
    const auto* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + prefix.size(), end, until);
    if (error != std::errc() || stop != end) {
        return std::nullopt;
    }
    return until;
}

}  // namespace

Result<TokenKey> TokenKeyFiles::open() {
    if (::access(file_.c_str(), F_OK) != 0) {
        TRY_ASSIGN(auto made, TokenKey::generate());
        TRY(create_file(file_, made.private_pem()));
    }
    TRY_ASSIGN(auto pem, read_file(file_));
    auto key = TokenKey::from_pem(pem);
    hsm::zeroize({reinterpret_cast<hsm::Byte*>(pem.data()), pem.size()});
    return key;
}

Result<std::vector<RetiredKey>> TokenKeyFiles::retired(std::int64_t now_ms) {
    std::vector<RetiredKey> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(file_.parent_path(), error)) {
        const auto until = until_in(entry.path().filename().string(), file_.filename().string());
        if (!until) {
            continue;
        }
        if (*until <= now_ms) {
            ::unlink(entry.path().c_str());
            continue;
        }
        TRY_ASSIGN(auto pem, read_file(entry.path()));
        TRY_ASSIGN(auto key, TokenPublicKey::from_pem(pem));
        found.push_back({std::move(key), *until});
    }
    if (error) {
        return Error{ErrorKind::unavailable, "cannot look for retired token keys"};
    }
    return found;
}

Result<TokenKey> TokenKeyFiles::rotate(const TokenPublicKey& current, std::int64_t until_ms) {
    TRY_ASSIGN(auto fresh, TokenKey::generate());
    TRY(replace_file(file_.string() + std::string(retired_mark) + std::to_string(until_ms),
                     current.pem));
    TRY(replace_file(file_, fresh.private_pem()));
    return fresh;
}

}  // namespace cloudsign::oauth

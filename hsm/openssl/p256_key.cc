#include "hsm/openssl/p256_key.h"

#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>

namespace hsm::openssl {
namespace {

namespace fs = std::filesystem;

struct FileCloser {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

File open_private(const fs::path& file, int flags, const char* mode) {
    const int descriptor = ::open(file.c_str(), flags | O_CLOEXEC, 0600);
    return File(descriptor < 0 ? nullptr : ::fdopen(descriptor, mode));
}

// Written beside and renamed, so that a file with the name always holds a whole key.
Result<void> write_key(const fs::path& file, EVP_PKEY* key) {
    const auto part = fs::path(file) += ".part";
    auto out = open_private(part, O_WRONLY | O_CREAT | O_TRUNC, "w");
    const bool written =
        out != nullptr &&
        ::PEM_write_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1 &&
        std::fflush(out.get()) == 0 && ::fsync(::fileno(out.get())) == 0;
    if (!written || ::rename(part.c_str(), file.c_str()) != 0) {
        return Status::io_failed;
    }
    return {};
}

bool is_private(std::FILE* file) {
    struct stat status {};
    return ::fstat(::fileno(file), &status) == 0 && (status.st_mode & 077) == 0;
}

}  // namespace

Result<P256Key> P256Key::load(const fs::path& file) {
    const auto in = open_private(file, O_RDONLY, "r");
    if (!in) {
        return Status::io_failed;
    }
    if (!is_private(in.get())) {
        return Status::malformed;
    }
    EvpKeyPtr key(::PEM_read_PrivateKey(in.get(), nullptr, nullptr, nullptr));
    const auto point = key ? p256_point(key.get()) : std::nullopt;
    if (!point) {
        return Status::malformed;
    }
    return P256Key(std::move(key), *point);
}

Result<P256Key> P256Key::make(const fs::path& file) {
    std::error_code error;
    if (fs::exists(file, error)) {
        return Status::wrong_state;
    }
    auto key = make_p256_key();
    const auto point = p256_point(key.get());
    CHECK(point.has_value());
    TRY(write_key(file, key.get()));
    return P256Key(std::move(key), *point);
}

Result<P256Key> P256Key::load_or_make(const fs::path& file) {
    std::error_code error;
    return fs::exists(file, error) ? load(file) : make(file);
}

P256Key P256Key::temporary() {
    auto key = make_p256_key();
    const auto point = p256_point(key.get());
    CHECK(point.has_value());
    return {std::move(key), *point};
}

}  // namespace hsm::openssl

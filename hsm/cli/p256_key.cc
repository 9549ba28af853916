#include "hsm/cli/p256_key.h"

#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/pem.h>

namespace hsm::cli {
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

Result<P256Key> P256Key::load_or_make(const fs::path& file) {
    if (const auto in = open_private(file, O_RDONLY, "r")) {
        if (!is_private(in.get())) {
            return Status::malformed;
        }
        P256Key key(::PEM_read_PrivateKey(in.get(), nullptr, nullptr, nullptr));
        std::array<char, 32> group{};
        if (key.get() == nullptr ||
            ::EVP_PKEY_get_group_name(key.get(), group.data(), group.size(), nullptr) != 1 ||
            std::string_view(group.data()) != "prime256v1") {
            return Status::malformed;
        }
        return key;
    }
    if (errno != ENOENT) {
        return Status::io_failed;
    }
    P256Key key(EVP_EC_gen("P-256"));
    CHECK(key.get() != nullptr);
    TRY(write_key(file, key.get()));
    return key;
}

protocol::Point P256Key::point() const {
    protocol::Point point{};
    std::size_t size = 0;
    CHECK(::EVP_PKEY_get_octet_string_param(
              key_.get(), "encoded-pub-key", point.data(), point.size(), &size) == 1);
    CHECK(size == point.size());
    return point;
}

std::vector<Byte> P256Key::sign(ByteView bytes) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> context(::EVP_MD_CTX_new(),
                                                                            ::EVP_MD_CTX_free);
    std::vector<Byte> signature(protocol::ecdsa_der_size_max);
    std::size_t size = signature.size();
    CHECK(::EVP_DigestSignInit(context.get(), nullptr, ::EVP_sha256(), nullptr, key_.get()) == 1);
    CHECK(::EVP_DigestSign(context.get(), signature.data(), &size, bytes.data(), bytes.size()) ==
          1);
    signature.resize(size);
    return signature;
}

}  // namespace hsm::cli

#include "cloudsign/oauth/token_key.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

#include <openssl/pem.h>

#include "cloudsign/base64.h"
#include "cloudsign/sha256.h"
#include "hsm/base/zeroize.h"
#include "hsm/openssl/p256.h"

namespace cloudsign::oauth {
namespace {

namespace openssl = hsm::openssl;

constexpr std::size_t pem_size_max = 4096;
constexpr std::size_t coordinate_size = 32;

void wipe(std::string& text) {
    hsm::zeroize({reinterpret_cast<hsm::Byte*>(text.data()), text.size()});
}

Error no_key() {
    return {ErrorKind::internal, "the token key is no P-256 private key in PEM"};
}

Error file_error(const std::filesystem::path& path) {
    return {ErrorKind::unavailable,
            "cannot use the token key " + path.string() + ": " + std::strerror(errno)};
}

Result<std::string> generate_pem() {
    const auto key = openssl::make_p256_key();
    const openssl::BioPtr memory(BIO_new(BIO_s_secmem()));
    if (memory == nullptr ||
        PEM_write_bio_PKCS8PrivateKey(
            memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        return no_key();
    }
    return openssl::text_of(memory.get());
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

// Whole or not at all: written beside, synced, then linked to its name, which fails if another
// process was first.
Result<void> create_file(const std::filesystem::path& path, const std::string& pem) {
    const auto beside = path.string() + ".new." + std::to_string(::getpid());
    {
        const File file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        const bool written =
            file.is_open() &&
            ::write(file.get(), pem.data(), pem.size()) == static_cast<ssize_t>(pem.size()) &&
            ::fsync(file.get()) == 0;
        if (!written) {
            auto error = file_error(path);
            ::unlink(beside.c_str());
            return error;
        }
    }
    const bool linked = ::link(beside.c_str(), path.c_str()) == 0 || errno == EEXIST;
    auto error = file_error(path);
    ::unlink(beside.c_str());
    if (!linked) {
        return error;
    }
    const File folder(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.is_open()) {
        ::fsync(folder.get());
    }
    return {};
}

Result<std::string> read_file(const std::filesystem::path& path) {
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

}  // namespace

TokenKey::~TokenKey() {
    wipe(private_pem_);
}

Result<TokenKey> TokenKey::open(const std::filesystem::path& path) {
    if (::access(path.c_str(), F_OK) != 0) {
        TRY_ASSIGN(auto pem, generate_pem());
        const auto created = create_file(path, pem);
        wipe(pem);
        TRY(created);
    }
    TRY_ASSIGN(auto pem, read_file(path));
    auto key = from_pem(pem);
    wipe(pem);
    return key;
}

Result<TokenKey> TokenKey::from_pem(const std::string& pem) {
    const auto key = openssl::read_private_key_pem(pem);
    const auto point = key ? openssl::p256_point(key.get()) : std::nullopt;
    if (!point) {
        return no_key();
    }
    const openssl::BioPtr out(BIO_new(BIO_s_mem()));
    if (out == nullptr || PEM_write_bio_PUBKEY(out.get(), key.get()) != 1) {
        return no_key();
    }
    TokenKey opened;
    opened.private_pem_ = pem;
    opened.public_pem_ = openssl::text_of(out.get());
    const hsm::ByteView coordinates = hsm::ByteView(*point).subspan(1);
    opened.x_ = base64url(coordinates.first(coordinate_size));
    opened.y_ = base64url(coordinates.subspan(coordinate_size));
    opened.kid_ = base64url(sha256(R"({"crv":"P-256","kty":"EC","x":")" + opened.x_ + R"(","y":")" +
                                   opened.y_ + R"("})"));
    return opened;
}

}  // namespace cloudsign::oauth

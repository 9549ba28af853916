#include "cloudsign/oauth/token_key.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "cloudsign/base64.h"
#include "cloudsign/sha256.h"
#include "hsm/base/zeroize.h"

namespace cloudsign::oauth {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

constexpr std::size_t pem_size_max = 4096;
constexpr std::size_t coordinate_size = 32;
constexpr std::size_t point_size = 1 + 2 * coordinate_size;

void wipe(std::string& text) {
    hsm::zeroize({reinterpret_cast<hsm::Byte*>(text.data()), text.size()});
}

std::string text_of(BIO* memory) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    return {text, static_cast<std::size_t>(size)};
}

Error no_key() {
    return {ErrorKind::internal, "the token key is no P-256 private key in PEM"};
}

Error file_error(const std::filesystem::path& path) {
    return {ErrorKind::unavailable,
            "cannot use the token key " + path.string() + ": " + std::strerror(errno)};
}

Result<std::string> generate_pem() {
    const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const Bio memory(BIO_new(BIO_s_secmem()), BIO_free_all);
    if (key == nullptr || memory == nullptr ||
        PEM_write_bio_PKCS8PrivateKey(
            memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        return no_key();
    }
    return text_of(memory.get());
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
    const Bio source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
    const auto refuse_password = [](char*, int, int, void*) { return -1; };
    const Key key(PEM_read_bio_PrivateKey(source.get(), nullptr, refuse_password, nullptr),
                  EVP_PKEY_free);
    std::array<char, 32> group{};
    std::array<hsm::Byte, point_size> point{};
    std::size_t size = 0;
    if (key == nullptr || EVP_PKEY_is_a(key.get(), "EC") != 1 ||
        EVP_PKEY_get_group_name(key.get(), group.data(), group.size(), nullptr) != 1 ||
        std::string_view(group.data()) != SN_X9_62_prime256v1 ||
        EVP_PKEY_get_octet_string_param(
            key.get(), "encoded-pub-key", point.data(), point.size(), &size) != 1 ||
        size != point_size || point[0] != 4) {
        return no_key();
    }
    const Bio out(BIO_new(BIO_s_mem()), BIO_free_all);
    if (out == nullptr || PEM_write_bio_PUBKEY(out.get(), key.get()) != 1) {
        return no_key();
    }
    TokenKey opened;
    opened.private_pem_ = pem;
    opened.public_pem_ = text_of(out.get());
    const hsm::ByteView coordinates = hsm::ByteView(point).subspan(1);
    opened.x_ = base64url(coordinates.first(coordinate_size));
    opened.y_ = base64url(coordinates.subspan(coordinate_size));
    opened.kid_ = base64url(sha256(R"({"crv":"P-256","kty":"EC","x":")" + opened.x_ + R"(","y":")" +
                                   opened.y_ + R"("})"));
    return opened;
}

}  // namespace cloudsign::oauth

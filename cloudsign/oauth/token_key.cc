#include "cloudsign/oauth/token_key.h"

#include <openssl/pem.h>

#include "cloudsign/base64.h"
#include "cloudsign/sha256.h"
#include "hsm/base/zeroize.h"
#include "hsm/openssl/p256.h"

namespace cloudsign::oauth {
namespace {

namespace openssl = hsm::openssl;

constexpr std::size_t coordinate_size = 32;

Error no_key() {
    return {ErrorKind::internal, "the token key is no P-256 key in PEM"};
}

Result<TokenPublicKey> describe(const EVP_PKEY* key) {
    const auto point = key != nullptr ? openssl::p256_point(key) : std::nullopt;
    const openssl::BioPtr out(BIO_new(BIO_s_mem()));
    if (!point || out == nullptr || PEM_write_bio_PUBKEY(out.get(), key) != 1) {
        return no_key();
    }
    TokenPublicKey described;
    described.pem = openssl::text_of(out.get());
    const hsm::ByteView coordinates = hsm::ByteView(*point).subspan(1);
    described.x = base64url(coordinates.first(coordinate_size));
    described.y = base64url(coordinates.subspan(coordinate_size));
    described.kid = base64url(sha256(R"({"crv":"P-256","kty":"EC","x":")" + described.x +
                                     R"(","y":")" + described.y + R"("})"));
    return described;
}

}  // namespace

Result<TokenPublicKey> TokenPublicKey::from_pem(const std::string& pem) {
    return describe(openssl::read_public_key_pem(pem).get());
}

TokenKey::~TokenKey() {
    hsm::zeroize({reinterpret_cast<hsm::Byte*>(private_pem_.data()), private_pem_.size()});
}

Result<TokenKey> TokenKey::from_pem(const std::string& pem) {
    const auto key = openssl::read_private_key_pem(pem);
    TokenKey opened;
    TRY_ASSIGN(opened.public_, describe(key.get()));
    opened.private_pem_ = pem;
    return opened;
}

Result<TokenKey> TokenKey::generate() {
    const auto key = openssl::make_p256_key();
    const openssl::BioPtr memory(BIO_new(BIO_s_secmem()));
    if (memory == nullptr ||
        PEM_write_bio_PKCS8PrivateKey(
            memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        return no_key();
    }
    TokenKey made;
    made.private_pem_ = openssl::text_of(memory.get());
    TRY_ASSIGN(made.public_, describe(key.get()));
    return made;
}

}  // namespace cloudsign::oauth

#include "tests/bench/subscriber.h"

#include <array>
#include <cstdio>
#include <memory>

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "cloudsign/base64.h"
#include "cloudsign/hex.h"
#include "cloudsign/sha256.h"
#include "hsm/openssl/pointers.h"

namespace bench {
namespace {

using hsm::openssl::BignumPtr;
using hsm::openssl::BioPtr;
using hsm::openssl::EvpKeyPtr;
using hsm::openssl::Freed;
using GroupPtr = std::unique_ptr<EC_GROUP, Freed<EC_GROUP_free>>;
using EcPointPtr = std::unique_ptr<EC_POINT, Freed<EC_POINT_free>>;
using ParameterBuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using ParametersPtr = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;

BignumPtr to_number(const hsm::Digest& scalar) {
    return BignumPtr(BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr));
}

// As long as the product's own (cloudsign/identity/id.h), and like those of one time in the order
// of their making.
std::string row_id(const char* prefix, std::uint64_t number, const hsm::Digest& random) {
    std::array<char, 13> place{};
    std::snprintf(place.data(), place.size(), "%012llu", static_cast<unsigned long long>(number));
    return std::string(prefix) + "_" + place.data() +
           cloudsign::hex(hsm::ByteView(random).first(7));
}

}  // namespace

hsm::Digest Population::derive(const char* use, std::uint64_t number) const {
    return cloudsign::sha256(seed_ + "/" + use + "/" + std::to_string(number));
}

Subscriber Population::at(std::uint64_t number) const {
    const auto digits = seven_digits(number);
    Subscriber subscriber;
    subscriber.signer_id = "subscriber-" + digits;
    subscriber.credential_id = row_id("cred", number, derive("credential", number));
    subscriber.device_id = row_id("dev", number, derive("device", number));
    subscriber.name = "Nguyễn Văn " + digits;
    subscriber.subject = subject_of(digits);
    subscriber.session = cloudsign::base64url(derive("session", number));
    subscriber.passkey = derive("passkey", number);
    subscriber.passkey[0] &= 0x7f;  // below the order of P-256, which begins with ffffffff
    return subscriber;
}

std::string seven_digits(std::uint64_t number) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%07llu", static_cast<unsigned long long>(number));
    return text.data();
}

std::string subject_of(const std::string& digits) {
    return "CN=Nguyễn Văn " + digits + ",serialNumber=VN-" + digits + ",C=VN";
}

hsm::protocol::Point passkey_point(const hsm::Digest& scalar) {
    static const GroupPtr group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    const EcPointPtr point(EC_POINT_new(group.get()));
    const auto number = to_number(scalar);
    CHECK(EC_POINT_mul(group.get(), point.get(), number.get(), nullptr, nullptr, nullptr) == 1);
    hsm::protocol::Point encoded{};
    const auto size = EC_POINT_point2oct(group.get(),
                                         point.get(),
                                         POINT_CONVERSION_UNCOMPRESSED,
                                         encoded.data(),
                                         encoded.size(),
                                         nullptr);
    CHECK(size == encoded.size());
    return encoded;
}

std::string passkey_pem(const hsm::Digest& scalar) {
    const auto point = passkey_point(scalar);
    const auto number = to_number(scalar);
    const ParameterBuilderPtr builder(OSSL_PARAM_BLD_new());
    CHECK(OSSL_PARAM_BLD_push_utf8_string(
              builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1);
    CHECK(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) == 1);
    CHECK(OSSL_PARAM_BLD_push_octet_string(
              builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1);
    const ParametersPtr parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const ContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* made = nullptr;
    CHECK(EVP_PKEY_fromdata_init(context.get()) == 1);
    CHECK(EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, parameters.get()) == 1);
    const EvpKeyPtr key(made);
    const BioPtr out(BIO_new(BIO_s_mem()));
    CHECK(PEM_write_bio_PKCS8PrivateKey(
              out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace bench

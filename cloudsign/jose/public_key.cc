#include "cloudsign/jose/public_key.h"

#include <algorithm>
#include <array>
#include <memory>

#include <boost/json.hpp>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "cloudsign/base64.h"
#include "cloudsign/sha256.h"
#include "cloudsign/strict_json.h"
#include "hsm/openssl/ecdsa_raw.h"

namespace cloudsign::jose {
namespace {

namespace json = boost::json;
namespace openssl = hsm::openssl;

using openssl::BignumPtr;
using openssl::Freed;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using ParamBuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;

constexpr std::size_t keys_max = 8;
constexpr std::size_t key_set_size_max = 16 * 1024;
constexpr std::size_t modulus_size_min = 256;  // bytes: RFC 7518 §3.3
constexpr std::size_t modulus_size_max = 512;  // a verification's cost has a bound
constexpr std::size_t exponent_size_max = 4;

Error unusable(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

openssl::EvpKeyPtr make_key(const char* type, OSSL_PARAM* params) {
    const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    // For EC this refuses a point that is not on the curve.
    const bool good = params != nullptr && context != nullptr &&
                      EVP_PKEY_fromdata_init(context.get()) == 1 &&
                      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params) == 1;
    if (!good) {
        ERR_clear_error();
    }
    return openssl::EvpKeyPtr(key);
}

// An unsigned number as RFC 7518 §2 spells it: no leading zero.
std::optional<Bytes> number_in(const json::object& jwk, std::string_view name) {
    const auto text = string_in(jwk, name);
    auto bytes = text ? from_base64url(*text) : std::nullopt;
    if (!bytes || bytes->empty() || bytes->front() == 0) {
        return std::nullopt;
    }
    return bytes;
}

// RFC 7518 §3.5: MGF1 with the same hash, and a salt as long as the hash.
bool use_pss(EVP_PKEY_CTX* context) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

Result<void> check_common(const json::object& jwk) {
    for (const std::string_view secret : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
        if (jwk.contains(secret)) {
            return unusable("the key has a private part");
        }
    }
    if (jwk.contains("use") && string_in(jwk, "use") != "sig") {
        return unusable("the key is not for signatures");
    }
    if (const auto* operations = jwk.if_contains("key_ops")) {
        const auto* list = operations->if_array();
        if (list == nullptr || std::ranges::find(*list, json::value("verify")) == list->end()) {
            return unusable("the key is not for signatures");
        }
    }
    if (jwk.contains("kid") && !string_in(jwk, "kid")) {
        return unusable("kid must be a string");
    }
    return {};
}

}  // namespace

Result<PublicKey> PublicKey::elliptic(const json::object& jwk) {
    const auto curve = string_in(jwk, "crv").value_or("");
    if (curve != "P-256" && curve != "P-384") {
        return unusable("the curve must be P-256 or P-384");
    }
    PublicKey made;
    made.kind_ = curve == "P-256" ? Kind::p256 : Kind::p384;
    const std::size_t size = made.kind_ == Kind::p256 ? 32 : 48;
    const auto x_text = string_in(jwk, "x");
    const auto y_text = string_in(jwk, "y");
    const auto x = x_text ? from_base64url(*x_text) : std::nullopt;
    const auto y = y_text ? from_base64url(*y_text) : std::nullopt;
    if (!x || !y || x->size() != size || y->size() != size) {
        return unusable("the key is malformed");
    }
    Bytes point{4};  // uncompressed: SEC 1 §2.3.3
    point.insert(point.end(), x->begin(), x->end());
    point.insert(point.end(), y->begin(), y->end());
    std::string group(curve);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end()};
    made.key_ = make_key("EC", params);
    if (!made.key_) {
        return unusable("the key is malformed");
    }
    made.thumbprint_ =
        sha256(hsm::view_of(R"({"crv":")" + group + R"(","kty":"EC","x":")" + std::string(*x_text) +
                            R"(","y":")" + std::string(*y_text) + R"("})"));
    return made;
}

Result<PublicKey> PublicKey::rsa(const json::object& jwk) {
    const auto n = number_in(jwk, "n");
    const auto e = number_in(jwk, "e");
    const bool sound = n && e && n->size() >= modulus_size_min && n->size() <= modulus_size_max &&
                       (n->size() > modulus_size_min || (n->front() & 0x80) != 0) &&
                       (n->back() & 1) == 1 && e->size() <= exponent_size_max &&
                       (e->back() & 1) == 1 && (e->size() > 1 || e->front() >= 3);
    if (!sound) {
        return unusable("an RSA key must have 2048 to 4096 bits and a small odd exponent");
    }
    const BignumPtr modulus(BN_bin2bn(n->data(), static_cast<int>(n->size()), nullptr));
    const BignumPtr exponent(BN_bin2bn(e->data(), static_cast<int>(e->size()), nullptr));
    const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
    CHECK(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1 &&
          OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1);
    const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
    PublicKey made;
    made.kind_ = Kind::rsa;
    made.key_ = make_key("RSA", params.get());
    if (!made.key_) {
        return unusable("the key is malformed");
    }
    made.thumbprint_ = sha256(hsm::view_of(R"({"e":")" + std::string(*string_in(jwk, "e")) +
                                           R"(","kty":"RSA","n":")" +
                                           std::string(*string_in(jwk, "n")) + R"("})"));
    return made;
}

Result<PublicKey> PublicKey::from_jwk(const json::object& jwk) {
    TRY(check_common(jwk));
    const auto type = string_in(jwk, "kty").value_or("");
    if (type != "EC" && type != "RSA") {
        return unusable("kty must be EC or RSA");
    }
    TRY_ASSIGN(auto made, type == "EC" ? elliptic(jwk) : rsa(jwk));
    if (jwk.contains("alg")) {
        const auto algorithm = algorithm_named(string_in(jwk, "alg").value_or(""));
        if (!algorithm || !made.allows(*algorithm)) {
            return unusable("alg does not fit the key");
        }
        made.only_ = algorithm;
    }
    made.kid_ = string_in(jwk, "kid").value_or("");
    return made;
}

bool PublicKey::allows(Algorithm algorithm) const {
    if (only_ && *only_ != algorithm) {
        return false;
    }
    switch (algorithm) {
        case Algorithm::es256:
            return kind_ == Kind::p256;
        case Algorithm::es384:
            return kind_ == Kind::p384;
        case Algorithm::ps256:
        case Algorithm::rs256:
            return kind_ == Kind::rsa;
    }
    return false;
}

bool PublicKey::verify(Algorithm algorithm, std::string_view input, hsm::ByteView signature) const {
    if (!allows(algorithm)) {
        return false;
    }
    auto bytes = std::optional(bytes_of(signature));
    if (kind_ != Kind::rsa) {
        const std::size_t size = kind_ == Kind::p256 ? 64 : 96;
        bytes = signature.size() == size ? openssl::ecdsa_der(signature) : std::nullopt;
    }
    const auto* digest = algorithm == Algorithm::es384 ? EVP_sha384() : EVP_sha256();
    const openssl::EvpMdContextPtr context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    const auto message = hsm::view_of(input);
    const bool good =
        bytes &&
        EVP_DigestVerifyInit(context.get(), &parameters, digest, nullptr, key_.get()) == 1 &&
        (algorithm != Algorithm::ps256 || use_pss(parameters)) &&
        EVP_DigestVerify(
            context.get(), bytes->data(), bytes->size(), message.data(), message.size()) == 1;
    if (!good) {
        ERR_clear_error();
    }
    return good;
}

Result<std::vector<PublicKey>> read_key_set(std::string_view text) {
    if (text.size() > key_set_size_max) {
        return unusable("must be a JWK Set of at most 16 KB");
    }
    const auto set = parse_strict_json(text);
    const auto* list = set ? set->if_contains("keys") : nullptr;
    const auto* keys = list != nullptr ? list->if_array() : nullptr;
    if (keys == nullptr || keys->empty() || keys->size() > keys_max) {
        return unusable("must be a JWK Set of 1 to 8 public keys");
    }
    std::vector<PublicKey> read;
    for (const auto& item : *keys) {
        const auto* jwk = item.if_object();
        if (jwk == nullptr) {
            return unusable("must be a JWK Set of 1 to 8 public keys");
        }
        TRY_ASSIGN(auto key, PublicKey::from_jwk(*jwk));
        if (!key.kid().empty() &&
            std::ranges::find(read, key.kid(), &PublicKey::kid) != read.end()) {
            return unusable("two keys have one kid");
        }
        read.push_back(std::move(key));
    }
    return read;
}

}  // namespace cloudsign::jose

#include "cloudsign/jose/compact_jws.h"

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/sha256.h"
#include "cloudsign/strict_json.h"
#include "hsm/openssl/es256_raw.h"

namespace cloudsign::jose {
namespace {

namespace json = boost::json;
namespace openssl = hsm::openssl;

Error malformed(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

Result<json::object> object_in(std::string_view part) {
    const auto bytes = from_base64url(part);
    if (!bytes) {
        return malformed("not base64url");
    }
    return parse_strict_json(hsm::text_of(*bytes));
}

}  // namespace

Result<CompactJws> CompactJws::read(std::string_view text) {
    const auto first = text.find('.');
    const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (text.size() > size_max || second == std::string_view::npos) {
        return malformed("not a compact JWS");
    }
    CompactJws jws;
    TRY_ASSIGN(jws.header_, object_in(text.substr(0, first)));
    const auto algorithm = algorithm_named(string_in(jws.header_, "alg").value_or(""));
    if (!algorithm) {
        return malformed("its alg is not supported");
    }
    // RFC 7515 §4.1.11: what must be understood and is not; RFC 7797's b64 is named there too.
    if (jws.header_.contains("crit") || jws.header_.contains("b64")) {
        return malformed("it has a critical extension");
    }
    jws.algorithm_ = *algorithm;
    TRY_ASSIGN(jws.payload_, object_in(text.substr(first + 1, second - first - 1)));
    auto signature = from_base64url(text.substr(second + 1));
    if (!signature) {
        return malformed("not base64url");
    }
    jws.signature_ = *std::move(signature);
    jws.signing_input_ = text.substr(0, second);
    return jws;
}

bool CompactJws::verified_by(const PublicKey& key) const {
    return key.verify(algorithm_, signing_input_, signature_);
}

Result<Es256Signer> Es256Signer::from_pem(std::string_view pem) {
    Es256Signer signer;
    signer.key_ = openssl::read_private_key_pem(pem);
    const auto point = signer.key_ ? openssl::p256_point(signer.key_.get()) : std::nullopt;
    if (!point) {
        return Error{ErrorKind::internal, "no P-256 private key in PEM"};
    }
    const auto coordinates = hsm::ByteView(*point).subspan(1);
    signer.x_ = base64url(coordinates.first(32));
    signer.y_ = base64url(coordinates.subspan(32));
    TRY_ASSIGN(
        auto key,
        PublicKey::from_jwk({{"kty", "EC"}, {"crv", "P-256"}, {"x", signer.x_}, {"y", signer.y_}}));
    signer.kid_ = base64url(key.thumbprint());
    return signer;
}

json::object Es256Signer::jwk() const {
    return {{"alg", "ES256"},
            {"crv", "P-256"},
            {"kid", kid_},
            {"kty", "EC"},
            {"use", "sig"},
            {"x", x_},
            {"y", y_}};
}

// Both base64url. The signature of header.payload.
std::string Es256Signer::sign_parts(const std::string& header, const std::string& payload) const {
    const auto text = header + "." + payload;
    return base64url(openssl::sign_es256_raw(key_.get(), hsm::view_of(text)));
}

std::string Es256Signer::sign(std::string_view typ, const json::object& payload) const {
    const auto header = base64url(
        hsm::view_of(json::serialize(json::object{{"alg", "ES256"}, {"kid", kid_}, {"typ", typ}})));
    const auto body = base64url(hsm::view_of(json::serialize(payload)));
    return header + "." + body + "." + sign_parts(header, body);
}

std::string Es256Signer::sign_detached(const json::object& header, std::string_view payload) const {
    json::object whole{{"alg", "ES256"}, {"kid", kid_}};
    whole.insert(header.begin(), header.end());
    const auto text = base64url(hsm::view_of(json::serialize(whole)));
    return text + ".." + sign_parts(text, base64url(hsm::view_of(payload)));
}

}  // namespace cloudsign::jose

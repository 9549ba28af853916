#include "cloudsign/document/jws_signature.h"

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/document/jws_algorithm.h"
#include "cloudsign/document/uri_text.h"
#include "cloudsign/pki/parsed_certificate.h"
#include "cloudsign/pki/signature_algorithm.h"
#include "cloudsign/sha256.h"
#include "hsm/openssl/der.h"
#include "hsm/openssl/digest.h"

namespace cloudsign::document {
namespace {

namespace json = boost::json;
namespace openssl = hsm::openssl;

Error invalid(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

Error broken(std::string detail) {
    return {ErrorKind::internal, "JWS: " + std::move(detail)};
}

// The header as far as every kind has it.
Result<json::object> header_of(const std::vector<Bytes>& chain,
                               const Algorithm& algorithm,
                               std::int64_t signing_time_ms) {
    const auto name = jws_algorithm_name(algorithm);
    if (!name) {
        return invalid("JWS has no name for this signature algorithm");
    }
    if (chain.empty()) {
        return invalid("the signer's certificate is missing");
    }
    // RFC 7515 §4.1.6: the standard alphabet. Who does not have the anchor cannot believe it.
    json::array certificates;
    for (std::size_t i = 0; i == 0 || i + 1 < chain.size(); ++i) {
        certificates.push_back(json::string(base64(chain[i])));
    }
    return json::object{{"alg", *name},
                        {"iat", signing_time_ms / 1000},
                        {"x5t#S256", json::string(base64url(sha256(chain.front())))},
                        {"x5c", std::move(certificates)}};
}

PreparedJws prepared_of(const json::object& header,
                        std::string_view payload,
                        const Algorithm& algorithm) {
    PreparedJws prepared;
    prepared.signing_input = base64url(hsm::view_of(json::serialize(header)));
    prepared.signing_input += '.';
    prepared.signing_input += payload;
    prepared.hash = openssl::digest_of(hsm::view_of(prepared.signing_input), algorithm.digest);
    return prepared;
}

}  // namespace

Result<PreparedJws> prepare_jws(hsm::ByteView payload,
                                std::string_view content_type,
                                const std::vector<Bytes>& chain,
                                const Algorithm& algorithm,
                                std::int64_t signing_time_ms) {
    if (payload.size() > jws_payload_size_max) {
        return invalid("The document is larger than the 64 MB that a JWS may hold.");
    }
    TRY_ASSIGN(auto header, header_of(chain, algorithm, signing_time_ms));
    if (!content_type.empty()) {
        header["cty"] = content_type;
    }
    return prepared_of(header, base64url(payload), algorithm);
}

Result<PreparedJws> prepare_jws_of_hash(const Bytes& document_hash,
                                        std::string_view name,
                                        const std::vector<Bytes>& chain,
                                        const Algorithm& algorithm,
                                        std::int64_t signing_time_ms) {
    if (document_hash.size() != hsm::protocol::digest_length(algorithm.digest)) {
        return invalid("the document's hash has another length than the digest");
    }
    TRY_ASSIGN(auto header, header_of(chain, algorithm, signing_time_ms));
    header["sigD"] = json::object{{"mId", "http://uri.etsi.org/19182/ObjectIdByURIHash"},
                                  {"pars", json::array{json::string(uri_of(name))}},
                                  {"hashM", jws_digest_name(algorithm.digest)},
                                  {"hashV", json::array{json::string(base64url(document_hash))}}};
    header["b64"] = false;
    header["crit"] = json::array{"b64", "sigD"};
    return prepared_of(header, "", algorithm);
}

Result<std::string> finish_jws(std::string_view signing_input,
                               const Algorithm& algorithm,
                               const Bytes& signature,
                               const Bytes& leaf,
                               JwsPayload payload) {
    const auto certificate = pki::parsed_certificate(leaf);
    const auto dot = signing_input.find('.');
    if (!certificate || dot == std::string_view::npos) {
        return broken("the certificate or the signing input cannot be read");
    }
    auto* key = X509_get0_pubkey(certificate.get());
    const auto raw = pki::raw_signature(key, algorithm, signature);
    const auto size = jws_value_size(algorithm);
    if (!raw || (size != 0 && raw->size() != size)) {
        return broken("the key is of another kind than the algorithm");
    }
    if (!pki::verify_signature(key, algorithm, hsm::view_of(signing_input), signature)) {
        return broken("the signature does not verify under the certificate's key");
    }
    const auto kept =
        payload == JwsPayload::attached ? signing_input : signing_input.substr(0, dot + 1);
    return std::string(kept) + "." + base64url(*raw);
}

}  // namespace cloudsign::document

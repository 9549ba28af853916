#include "cloudsign/verify/jws.h"

#include <algorithm>

#include <boost/json.hpp>
#include <openssl/err.h>
#include <openssl/objects.h>

#include "cloudsign/base64.h"
#include "cloudsign/document/jws_algorithm.h"
#include "cloudsign/document/jws_signature.h"
#include "cloudsign/pki/signature_algorithm.h"
#include "cloudsign/sha256.h"
#include "cloudsign/strict_json.h"
#include "cloudsign/verify/pdf_date.h"
#include "hsm/openssl/der.h"
#include "hsm/openssl/digest.h"
#include "hsm/protocol/utf8.h"

namespace cloudsign::verify {
namespace {

namespace json = boost::json;
namespace openssl = hsm::openssl;

constexpr std::size_t header_size_max = 256 * 1024;
constexpr std::size_t certificates_max = 16;
constexpr std::string_view white_space = " \t\r\n";
constexpr std::string_view by_hash = "http://uri.etsi.org/19182/ObjectIdByURIHash";
// RFC 7515 §4.1.11: what may stand in crit, because it is looked at here.
constexpr std::string_view understood[] = {"b64", "sigD", "sigT"};

std::string_view trimmed(hsm::ByteView file) {
    auto text = hsm::text_of(file);
    text.remove_prefix(std::min(text.find_first_not_of(white_space), text.size()));
    text.remove_suffix(text.size() - (text.find_last_not_of(white_space) + 1));
    return text;
}

// The only string of a member that is an array; none otherwise.
std::optional<std::string_view> only_string_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    const auto* list = value != nullptr ? value->if_array() : nullptr;
    return list != nullptr && list->size() == 1 && list->front().is_string()
               ? std::optional<std::string_view>(list->front().get_string())
               : std::nullopt;
}

class JwsReader {
public:
    JwsReader(const json::object& header, std::string_view payload)
        : header_(header), payload_(payload) {}

    CheckedSigner take() { return std::move(checked_); }

    bool check(hsm::ByteView document,
               std::string_view header_text,
               const Bytes& signature,
               const std::vector<Bytes>& certificates) {
        read_time();
        const bool is_understood = read_algorithm() && check_critical();
        auto certificate = certificates.empty() ? nullptr : openssl::read_x509(certificates[0]);
        if (!certificate) {
            return add(Code::certificate_missing);
        }
        const bool is_named = check_name(certificates.front());
        checked_.certificate = std::move(certificate);
        if (!is_understood) {
            return false;
        }
        const bool is_whole =
            header_.contains("sigD") ? check_hash(document) : check_payload(document);
        return is_whole && is_named && check_signature(header_text, signature);
    }

    bool add(Code code, std::string detail = "") {
        checked_.findings.push_back({code, std::move(detail)});
        return false;
    }

private:
    void read_time() {
        const auto* issued = header_.if_contains("iat");
        if (issued != nullptr && issued->is_int64() && issued->get_int64() > 0 &&
            issued->get_int64() < INT64_MAX / 1000) {
            checked_.claimed_time_ms = issued->get_int64() * 1000;
        } else if (const auto named = string_in(header_, "sigT")) {
            checked_.claimed_time_ms = read_iso_time(*named);
        }
    }

    bool read_algorithm() {
        const auto name = string_in(header_, "alg").value_or("");
        algorithm_ = document::jws_algorithm_named(name);
        checked_.signature_algorithm = name;
        if (!algorithm_) {
            return add(Code::jws_malformed, "alg " + std::string(name));
        }
        checked_.digest_algorithm =
            OBJ_nid2ln(EVP_MD_get_type(openssl::message_digest(algorithm_->digest)));
        return true;
    }

    // RFC 7515 §4.1.11, RFC 7797 §6.
    bool check_critical() {
        bool names_b64 = false;
        if (const auto* value = header_.if_contains("crit")) {
            const auto* list = value->if_array();
            if (list == nullptr || list->empty()) {
                return add(Code::jws_malformed, "crit");
            }
            for (const auto& item : *list) {
                const auto* name = item.if_string();
                if (name == nullptr || !header_.contains(*name)) {
                    return add(Code::jws_malformed, "crit");
                }
                if (std::ranges::find(understood, std::string_view(*name)) ==
                    std::end(understood)) {
                    return add(Code::format_unsupported, std::string(*name));
                }
                names_b64 = names_b64 || *name == "b64";
            }
        }
        const auto* b64 = header_.if_contains("b64");
        if (b64 == nullptr) {
            return true;
        }
        is_encoded_ = b64->is_bool() && b64->get_bool();
        return (b64->is_bool() && names_b64) || add(Code::jws_malformed, "b64");
    }

    // x5c is signed as well: without a thumbprint it names the certificate.
    bool check_name(const Bytes& leaf) {
        const auto named = string_in(header_, "x5t#S256");
        checked_.names_certificate =
            !header_.contains("x5t#S256") || named == base64url(sha256(leaf));
        return checked_.names_certificate || add(Code::signing_certificate_mismatch);
    }

    // ETSI TS 119 182-1 §5.2.8: the payload is nothing, and the header names the document.
    bool check_hash(hsm::ByteView document) {
        const auto* object = header_.at("sigD").if_object();
        if (object == nullptr || string_in(*object, "mId") != by_hash) {
            return add(Code::format_unsupported, "sigD");
        }
        const auto digest = document::jws_digest_named(string_in(*object, "hashM").value_or(""));
        const auto named = only_string_in(*object, "hashV");
        if (!digest || !named || !only_string_in(*object, "pars") || !payload_.empty()) {
            return add(Code::format_unsupported, "sigD");
        }
        const auto text = is_encoded_ ? base64url(document) : std::string();
        const auto hash = openssl::digest_of(is_encoded_ ? hsm::view_of(text) : document, *digest);
        return *named == base64url(hash) || add(Code::digest_mismatch);
    }

    bool check_payload(hsm::ByteView document) {
        if (document.size() > document::jws_payload_size_max) {
            return add(Code::format_unsupported, "64 MB");
        }
        const auto text = is_encoded_ ? base64url(document) : std::string(hsm::text_of(document));
        if (!payload_.empty() && payload_ != text) {
            return add(Code::digest_mismatch);
        }
        payload_ = text;
        return true;
    }

    bool check_signature(std::string_view header_text, const Bytes& signature) {
        auto* key = X509_get0_pubkey(checked_.certificate.get());
        if (!is_strong_key(key)) {
            add(Code::weak_key);
        }
        checked_.signature = signature;
        const auto input = std::string(header_text) + "." + payload_;
        const auto size = document::jws_value_size(*algorithm_);
        const bool is_signed =
            (size == 0 || size == signature.size()) &&
            pki::verify_raw_signature(key, *algorithm_, hsm::view_of(input), signature);
        ERR_clear_error();
        return is_signed || add(Code::signature_mismatch);
    }

    const json::object& header_;
    std::string payload_;
    bool is_encoded_ = true;
    std::optional<document::Algorithm> algorithm_;
    CheckedSigner checked_;
};

}  // namespace

bool Jws::looks_like(hsm::ByteView file) {
    const auto text = hsm::text_of(file);
    const auto is_control = [](char c) {
        return static_cast<unsigned char>(c) < ' ' && white_space.find(c) == std::string_view::npos;
    };
    return hsm::protocol::is_utf8(text) && std::ranges::none_of(text, is_control);
}

std::optional<Jws> Jws::read(hsm::ByteView file) {
    const auto text = trimmed(file);
    const auto first = text.find('.');
    const auto second = first == text.npos ? first : text.find('.', first + 1);
    if (second == text.npos || first > header_size_max) {
        return std::nullopt;
    }
    Jws jws;
    jws.header_text_ = text.substr(0, first);
    jws.payload_ = text.substr(first + 1, second - first - 1);
    const auto header = from_base64url(jws.header_text_);
    auto object = header ? parse_strict_json(hsm::text_of(*header)) : Result<json::object>(Error{});
    auto signature = from_base64url(text.substr(second + 1));
    if (!object || !signature) {
        return std::nullopt;
    }
    jws.header_ = *std::move(object);
    jws.signature_ = *std::move(signature);
    return jws;
}

std::vector<Bytes> Jws::certificates() const {
    std::vector<Bytes> read;
    const auto* value = header_.if_contains("x5c");
    const auto* list = value != nullptr ? value->if_array() : nullptr;
    if (list == nullptr || list->size() > certificates_max) {
        return read;
    }
    for (const auto& item : *list) {
        const auto* text = item.if_string();
        auto der = text != nullptr ? from_base64(*text) : std::nullopt;
        if (!der) {
            return {};
        }
        read.push_back(*std::move(der));
    }
    return read;
}

void Jws::collect(CertificatePool& pool) const {
    for (const auto& certificate : certificates()) {
        pool.add(certificate);
    }
}

bool Jws::names_time() const {
    return header_.contains("iat") || header_.contains("sigT");
}

CheckedSigner Jws::check(hsm::ByteView document) const {
    JwsReader reader(header_, payload_);
    const bool is_intact = reader.check(document, header_text_, signature_, certificates());
    auto checked = reader.take();
    checked.is_intact = is_intact;
    return checked;
}

}  // namespace cloudsign::verify

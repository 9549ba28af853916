#include "cloudsign/document/prepared_pdf.h"

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/strict_json.h"
#include "hsm/openssl/digest.h"

namespace cloudsign::document {
namespace {

namespace json = boost::json;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::Scheme;

constexpr std::int64_t version = 1;
constexpr std::int64_t room_max = 1024 * 1024;

std::optional<Bytes> bytes_in(const json::object& object, std::string_view name) {
    const auto text = string_in(object, name);
    return text ? from_base64url(*text) : std::nullopt;
}

std::optional<Algorithm> algorithm_in(const json::object& object) {
    const auto scheme = whole_number_in(object, "scheme");
    const auto digest = whole_number_in(object, "digest");
    const auto salt = whole_number_in(object, "salt");
    if (!scheme || *scheme < 1 || *scheme > 3 || !digest || *digest < 1 || *digest > 3 || !salt ||
        *salt > 64) {
        return std::nullopt;
    }
    return Algorithm{static_cast<Scheme>(*scheme),
                     static_cast<DigestAlgorithm>(*digest),
                     static_cast<std::uint8_t>(*salt)};
}

}  // namespace

std::string to_text(const PreparedPdf& prepared) {
    const auto& algorithm = prepared.algorithm;
    const json::object object{{"version", version},
                              {"base_size", static_cast<std::int64_t>(prepared.base_size)},
                              {"base_hash", base64url(prepared.base_hash)},
                              {"before", base64url(hsm::view_of(prepared.before))},
                              {"after", base64url(hsm::view_of(prepared.after))},
                              {"room", static_cast<std::int64_t>(prepared.room)},
                              {"field", prepared.field},
                              {"scheme", static_cast<std::int64_t>(algorithm.scheme)},
                              {"digest", static_cast<std::int64_t>(algorithm.digest)},
                              {"salt", static_cast<std::int64_t>(algorithm.salt_length)},
                              {"document_hash", base64url(prepared.document_hash)},
                              {"attributes", base64url(prepared.cms.signed_attributes)}};
    return json::serialize(object);
}

Result<PreparedPdf> read_prepared_pdf(std::string_view text) {
    const Error unreadable{ErrorKind::invalid, "a prepared signature cannot be read"};
    const auto object = parse_strict_json(text);
    if (!object || whole_number_in(*object, "version") != version) {
        return unreadable;
    }
    const auto size = whole_number_in(*object, "base_size");
    const auto room = whole_number_in(*object, "room");
    const auto field = string_in(*object, "field");
    const auto algorithm = algorithm_in(*object);
    auto base_hash = bytes_in(*object, "base_hash");
    const auto before = bytes_in(*object, "before");
    const auto after = bytes_in(*object, "after");
    auto document_hash = bytes_in(*object, "document_hash");
    auto attributes = bytes_in(*object, "attributes");
    if (!size || !room || *room > room_max || !field || !algorithm || !base_hash || !before ||
        !after || !document_hash || !attributes) {
        return unreadable;
    }
    PreparedPdf prepared;
    prepared.base_size = static_cast<std::uint64_t>(*size);
    prepared.base_hash = *std::move(base_hash);
    prepared.before = hsm::text_of(*before);
    prepared.after = hsm::text_of(*after);
    prepared.room = static_cast<std::size_t>(*room);
    prepared.field = *field;
    prepared.algorithm = *algorithm;
    prepared.document_hash = *std::move(document_hash);
    prepared.cms.hash = hsm::openssl::digest_of(*attributes, algorithm->digest);
    prepared.cms.signed_attributes = *std::move(attributes);
    return prepared;
}

}  // namespace cloudsign::document

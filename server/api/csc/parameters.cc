#include "server/api/csc/parameters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <spdlog/spdlog.h>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "hsm/protocol/types.h"
#include "server/api/json_body.h"

namespace server::api::csc {
namespace {

using cloudsign::Bytes;
using cloudsign::ErrorKind;

constexpr Names version_names[] = {
    {"hash",
     "hashAlgo",
     "The request is missing a required parameter, includes an invalid parameter value, includes a "
     "parameter more than once, or is otherwise malformed."},
    {"hashes", "hashAlgorithmOID", "The request body must be one JSON object"},
};

constexpr std::size_t client_data_max = 4096;
constexpr std::size_t label_max = 255;

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

struct Outcome {
    ErrorKind kind;
    unsigned status;
    std::string_view error;
    std::string_view description;  // empty: the error's own detail
};

constexpr Outcome outcomes[] = {
    {ErrorKind::invalid, 400, "invalid_request", ""},
    {ErrorKind::unauthenticated, 401, "invalid_token", "Invalid access token"},
    {ErrorKind::token_expired, 401, "expired_token", "The access token expired"},
    {ErrorKind::forbidden, 400, "invalid_request", "Invalid parameter credentialID"},
    {ErrorKind::not_found, 400, "invalid_request", "Invalid parameter credentialID"},
    {ErrorKind::credential_disabled,
     400,
     "invalid_request",
     "The credential identified by credentialID is disabled"},
    {ErrorKind::credential_locked, 400, "invalid_request", "Credential locked"},
    {ErrorKind::hash_not_authorised, 400, "invalid_request", "Hash is not authorized by the SAD."},
    {ErrorKind::rejected, 400, "access_denied", "The signer rejected the request"},
    {ErrorKind::not_mine, 400, "access_denied", "The signer did not start this request"},
    {ErrorKind::expired, 400, "access_denied", "The request expired before the signer answered"},
    {ErrorKind::undelivered, 400, "access_denied", "No device of the signer could be reached"},
    {ErrorKind::conflict, 400, "invalid_request", ""},
    {ErrorKind::busy, 429, "temporarily_unavailable", ""},
    {ErrorKind::unavailable,
     503,
     "temporarily_unavailable",
     "The service is temporarily unavailable"},
};

}  // namespace

const Names& names(Version version) {
    return version_names[version == Version::v1 ? 0 : 1];
}

http::Response to_response(const Refusal& refusal) {
    auto response = http::error(refusal.status, refusal.error, refusal.description);
    if (refusal.status == 429 || refusal.status == 503) {
        response.with("Retry-After",
                      std::to_string(std::max<std::int64_t>(1, refusal.retry_after_s)));
    }
    return response;
}

Refusal to_refusal(const cloudsign::Error& error) {
    const auto* found = std::ranges::find(outcomes, error.kind, &Outcome::kind);
    if (found == std::end(outcomes)) {
        spdlog::error("internal error: {}", error.detail);
        return {
            500, "server_error", "The service failed; the request may be repeated", 0, error.kind};
    }
    return {found->status,
            std::string(found->error),
            found->description.empty() ? error.detail : std::string(found->description),
            error.retry_after_s,
            error.kind};
}

Checked<Parameters> Parameters::read(const http::Request& request, Version version) {
    boost::json::object body;
    // A method without required parameters may come without a body, and as GET.
    if (!request.body.empty()) {
        auto read = read_json(request);
        if (!read) {
            return invalid(std::string(names(version).malformed));
        }
        body = *std::move(read);
    }
    Parameters parameters(std::move(body));
    TRY(parameters.optional_string("clientData", client_data_max));
    TRY(parameters.optional_string("lang", 35));
    return parameters;
}

Checked<std::string> Parameters::required_string(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr || !value->is_string() || value->get_string().empty()) {
        return invalid("Missing (or invalid type) string parameter " + std::string(name));
    }
    constexpr std::size_t any_max = 4096;
    if (value->get_string().size() > any_max) {
        return invalid("Invalid parameter " + std::string(name));
    }
    return std::string(value->get_string());
}

Checked<std::optional<std::string>> Parameters::optional_string(std::string_view name,
                                                                std::size_t size_max) const {
    const auto* value = find(name);
    if (value == nullptr || value->is_null()) {
        return std::optional<std::string>();
    }
    if (!value->is_string() || characters(value->get_string()) > size_max) {
        return invalid("Invalid parameter " + std::string(name));
    }
    if (value->get_string().empty()) {
        return std::optional<std::string>();
    }
    return std::optional<std::string>(value->get_string());
}

std::optional<std::int64_t> Parameters::integer(std::string_view name) const {
    using Limits = std::numeric_limits<std::int64_t>;
    // From here on the reader gives what was written as a whole number as a fraction.
    constexpr double beyond = 0x1p63;
    const auto* value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->is_int64()) {
        return value->get_int64();
    }
    if (value->is_uint64()) {
        return Limits::max();
    }
    if (!value->is_double() || std::abs(value->get_double()) < beyond) {
        return std::nullopt;
    }
    return value->get_double() > 0 ? Limits::max() : Limits::min();
}

Checked<bool> Parameters::optional_bool(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr || value->is_null()) {
        return false;
    }
    if (!value->is_bool()) {
        return invalid("Invalid parameter " + std::string(name));
    }
    return value->get_bool();
}

Checked<std::vector<Bytes>> Parameters::hashes(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr || !value->is_array()) {
        return invalid("Missing (or invalid type) array parameter " + std::string(name));
    }
    if (value->get_array().empty()) {
        return invalid("Empty " + std::string(name) + " array");
    }
    if (value->get_array().size() > hsm::protocol::leaf_count_max) {
        return invalid("Numbers of signatures is too high");
    }
    std::vector<Bytes> hashes;
    for (const auto& item : value->get_array()) {
        auto hash =
            item.is_string() ? cloudsign::from_base64(item.get_string()) : std::optional<Bytes>();
        if (!hash) {
            return invalid("Invalid Base64 " + std::string(name) + " string parameter");
        }
        hashes.push_back(*std::move(hash));
    }
    for (const auto& hash : hashes) {
        const bool known = hash.size() == 32 || hash.size() == 48 || hash.size() == 64;
        if (!known || hash.size() != hashes.front().size()) {
            return invalid("Invalid digest value length");
        }
    }
    return hashes;
}

Checked<std::vector<std::string>> Parameters::labels(std::size_t count) const {
    std::vector<std::string> labels(count);
    const auto* value = find("documents");
    if (value == nullptr || value->is_null()) {
        return labels;
    }
    const auto wrong = invalid("Invalid parameter documents");
    if (!value->is_array()) {
        return wrong;
    }
    const auto& documents = value->get_array();
    if (documents.size() != count) {
        return wrong;
    }
    for (std::size_t i = 0; i < count; ++i) {
        const auto* document = documents[i].if_object();
        if (document == nullptr) {
            return wrong;
        }
        const auto* name = document->if_contains("document_name");
        if (name == nullptr) {
            continue;
        }
        if (!name->is_string() || characters(name->get_string()) > label_max) {
            return wrong;
        }
        labels[i] = std::string(name->get_string());
    }
    return labels;
}

}  // namespace server::api::csc

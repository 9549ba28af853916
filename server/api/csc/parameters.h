#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "server/http/request.h"
#include "server/http/response.h"

// What CSC v1 and v2 have in common: parameters, and errors in their exact words.
namespace server::api::csc {

// A refusal as the specification words it.
struct Refusal {
    unsigned status = 400;
    std::string error = "invalid_request";
    std::string description;
    std::int64_t retry_after_s = 0;  // with 429 and 503; 0: soon
    // For dialects that word it otherwise.
    cloudsign::ErrorKind kind = cloudsign::ErrorKind::invalid;
};
http::Response to_response(const Refusal& refusal);
inline Refusal invalid(std::string description) {
    return {400, "invalid_request", std::move(description), 0};
}

template <class T>
using Checked = hsm::Result<T, Refusal>;

enum class Version { v1, v2 };

// How each version names what it renamed.
struct Names {
    std::string_view hash;       // "hash" | "hashes"
    std::string_view hash_algo;  // "hashAlgo" | "hashAlgorithmOID"
    std::string_view malformed;  // for a body that is no JSON object
};
const Names& names(Version version);

// The parameters of one call. Unknown ones are ignored.
class Parameters {
public:
    // The body as JSON; `clientData` and `lang`, which every method takes, are checked here.
    static Checked<Parameters> read(const http::Request& request, Version version);

    // Those of an object within.
    static Parameters of(boost::json::object object) { return Parameters(std::move(object)); }

    // "Missing (or invalid type) string parameter X".
    Checked<std::string> required_string(std::string_view name) const;
    // Nothing when it is absent, null or empty; "Invalid parameter X" for another type or when it
    // has more than `size_max` characters (Unicode code points, as maxLength counts them).
    Checked<std::optional<std::string>> optional_string(std::string_view name,
                                                        std::size_t size_max) const;
    // A whole number that is written as one (no fraction, no exponent); beyond 64 bits it is the
    // greatest or least of them. Nothing for anything else.
    std::optional<std::int64_t> integer(std::string_view name) const;
    // False when absent; "Invalid parameter X" for another type.
    Checked<bool> optional_bool(std::string_view name) const;

    // The array of base64 hashes, decoded: "Missing (or invalid type) array parameter hash",
    // "Empty hash array", "Invalid Base64 hash string parameter", "Invalid digest value length"
    // when they are not all of one supported length.
    Checked<std::vector<cloudsign::Bytes>> hashes(std::string_view name) const;

    // The labels that the signer will see: `documents`[{document_name}], as many as hashes, or
    // none.
    Checked<std::vector<std::string>> labels(std::size_t count) const;

    const boost::json::value* find(std::string_view name) const { return body_.if_contains(name); }

private:
    explicit Parameters(boost::json::object body) : body_(std::move(body)) {}

    boost::json::object body_;
};

// What a rule of the product said, in CSC's words: the outcomes that a portal must tell apart.
Refusal to_refusal(const cloudsign::Error& error);

}  // namespace server::api::csc

#include "server/api/csc/timestamp.h"

#include <spdlog/spdlog.h>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/csc/algorithms.h"
#include "cloudsign/pki/timestamp.h"
#include "cloudsign/random.h"
#include "hsm/base/hex.h"
#include "hsm/sync/place.h"
#include "server/api/csc/algorithm_parameters.h"
#include "server/api/csc/calls.h"

namespace server::api {

using cloudsign::Bytes;
using cloudsign::Error;
using cloudsign::ErrorKind;

cloudsign::Result<Bytes> TimestampAuthority::stamp(hsm::protocol::DigestAlgorithm digest,
                                                   const Bytes& hash,
                                                   const Bytes& nonce) {
    const hsm::sync::Place place(at_once_);
    if (place.number() > source_.at_once_max) {
        return Error{ErrorKind::busy, "the time-stamping authority is busy", 1};
    }
    TRY_ASSIGN(auto question, cloudsign::pki::ask_timestamp(digest, hash, nonce));
    TRY_ASSIGN(auto authorities, source_.authorities());
    Error failed;
    for (const auto& ask : source_.ask) {
        const auto answer = ask(question.request);
        auto token = answer ? cloudsign::pki::read_timestamp(*answer, question, authorities)
                            : cloudsign::Result<Bytes>(answer.error());
        if (token) {
            return token;
        }
        failed = token.error();
    }
    return failed;
}

namespace csc {
namespace {

struct Wanted {
    hsm::protocol::DigestAlgorithm digest{};
    Bytes hash;
    Bytes nonce;
};

// Hexadecimal, as RFC 3161 means it: a number.
std::optional<Bytes> read_nonce(std::string_view text) {
    Bytes nonce((text.size() + 1) / 2);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int digit = hsm::hex_value(text[text.size() - 1 - i]);
        if (digit < 0) {
            return std::nullopt;
        }
        nonce[nonce.size() - 1 - i / 2] |= static_cast<hsm::Byte>(digit << (i % 2 * 4));
    }
    return nonce;
}

Checked<Wanted> read(const http::Request& request, Version version) {
    TRY_ASSIGN(auto parameters, Parameters::read(request, version));
    Wanted wanted;
    const auto* hash = parameters.find("hash");
    if (hash == nullptr || !hash->is_string()) {
        return invalid("Missing (or invalid type) string parameter hash");
    }
    if (hash->get_string().empty()) {
        return invalid("Empty hash parameter");
    }
    auto decoded = cloudsign::from_base64(hash->get_string());
    if (!decoded) {
        return invalid("Invalid Base64 hash string parameter");
    }
    wanted.hash = *std::move(decoded);
    TRY_ASSIGN(auto oid, parameters.optional_string("hashAlgo", 64));
    const auto digest = cloudsign::csc::digest_named(oid.value_or(""));
    if (!digest) {
        return wrong_parameter("hashAlgo");
    }
    wanted.digest = *digest;
    if (wanted.hash.size() != hsm::protocol::digest_length(*digest)) {
        return invalid("Invalid digest value length");
    }
    constexpr std::size_t nonce_digits_max = 64;
    TRY_ASSIGN(auto nonce, parameters.optional_string("nonce", nonce_digits_max));
    const auto number = nonce ? read_nonce(*nonce) : std::optional<Bytes>(Bytes(16));
    if (!number) {
        return wrong_parameter("nonce");
    }
    wanted.nonce = *number;
    if (!nonce) {
        cloudsign::fill_random(wanted.nonce);  // asked for all the same: an old answer is seen
    }
    return wanted;
}

http::Response stamp(TimestampAuthority& authority, const Wanted& wanted) {
    const auto token = authority.stamp(wanted.digest, wanted.hash, wanted.nonce);
    if (!token) {
        if (token.error().kind == ErrorKind::unavailable) {
            spdlog::warn("time-stamp: {}", token.error().detail);
        }
        return to_response(to_refusal(token.error()));
    }
    return http::json(200, {{"timestamp", cloudsign::base64(*token)}});
}

}  // namespace

http::Outcome signatures_timestamp(Context& context,
                                   const http::Request& request,
                                   Version version) {
    if (!context.timestamps.is_there()) {
        return not_implemented();
    }
    auto wanted = read(request, version);
    if (!wanted) {
        return to_response(wanted.error());
    }
    return stamp(context.timestamps, *wanted);
}

}  // namespace csc
}  // namespace server::api

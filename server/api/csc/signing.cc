#include <algorithm>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/csc/algorithms.h"
#include "cloudsign/pki/certificate.h"
#include "server/api/csc/calls.h"
#include "server/api/csc/presented_sad.h"

namespace server::api::csc {
namespace {

namespace json = boost::json;
using cloudsign::Bytes;
using cloudsign::store::CredentialStatus;
using cloudsign::transaction::State;
using hsm::protocol::Algorithm;
using hsm::protocol::Scheme;

constexpr std::ptrdiff_t description_max = 500;  // characters: v1 §11.6

Checked<std::size_t> read_signature_count(const Parameters& parameters) {
    const auto* value = parameters.find("numSignatures");
    // A JSON integer: neither "1" nor 1.0.
    if (value == nullptr || !(value->is_int64() || value->is_uint64())) {
        return invalid("Missing (or invalid type) integer parameter numSignatures");
    }
    if (value->is_int64() && value->get_int64() < 1) {
        return invalid("Invalid value for parameter numSignatures");
    }
    const auto count = value->to_number<std::uint64_t>();
    if (count > hsm::protocol::leaf_count_max) {
        return invalid("Numbers of signatures is too high");
    }
    return static_cast<std::size_t>(count);
}

Checked<std::string> read_description(const Parameters& parameters) {
    constexpr std::size_t longest_character = 4;  // bytes of UTF-8, which the JSON is
    TRY_ASSIGN(auto text,
               parameters.optional_string("description", description_max * longest_character));
    const auto description = text.value_or("");
    const auto characters = std::ranges::count_if(
        description, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; });
    if (characters > description_max) {
        return invalid("Invalid parameter description");
    }
    return description;
}

Refusal wrong_algorithm(std::string_view parameter) {
    return invalid("Invalid parameter " + std::string(parameter));
}

// signAlgo, the hash algorithm and signAlgoParams, as far as the version has them, to the one
// algorithm that the signer approves. A redundant hash algorithm is ignored, a contradicting one is
// refused.
Checked<Algorithm> read_algorithm(const Parameters& parameters,
                                  const std::string& sign_algo,
                                  std::string_view hash_algo_name) {
    const auto named = cloudsign::csc::sign_algorithm_named(sign_algo);
    if (!named) {
        return wrong_algorithm("signAlgo");
    }
    Algorithm algorithm;
    algorithm.scheme = named->scheme;
    const auto* hash_value = parameters.find(hash_algo_name);
    const bool has_hash_algo = hash_value != nullptr && !hash_value->is_null();
    if (has_hash_algo && !hash_value->is_string()) {
        return invalid("Missing (or invalid type) string parameter " + std::string(hash_algo_name));
    }
    auto digest = named->digest;
    if (has_hash_algo) {
        const auto given = cloudsign::csc::digest_named(std::string(hash_value->get_string()));
        if (!given || (digest && digest != given)) {
            return wrong_algorithm(hash_algo_name);
        }
        digest = given;
    }
    if (named->scheme == Scheme::rsa_pss) {
        TRY_ASSIGN(auto text, parameters.required_string("signAlgoParams"));
        const auto der = cloudsign::from_base64(text);
        const auto pss = der ? cloudsign::csc::read_pss_parameters(*der) : std::nullopt;
        if (!pss || (digest && digest != pss->digest)) {
            return wrong_algorithm("signAlgoParams");
        }
        digest = pss->digest;
        algorithm.salt_length = pss->salt_length;
    }
    if (!digest) {
        return invalid("Missing (or invalid type) string parameter " + std::string(hash_algo_name));
    }
    algorithm.digest = *digest;
    return algorithm;
}

// What the hashes will be signed with is part of what the signer approves, but authorize need not
// name it: then it is the key's usual algorithm for hashes of this length.
Checked<Algorithm> authorised_algorithm(const Parameters& parameters,
                                        const cloudsign::store::Credential& credential,
                                        std::size_t hash_length,
                                        Version version) {
    const auto hash_algo = names(version).hash_algo;
    if (version == Version::v2) {
        TRY_ASSIGN(auto oid, parameters.required_string(hash_algo));
        const auto digest = cloudsign::csc::digest_named(oid);
        if (!digest) {
            return wrong_algorithm(hash_algo);
        }
        if (hsm::protocol::digest_length(*digest) != hash_length) {
            return invalid("Invalid digest value length");
        }
    }
    TRY_ASSIGN(auto sign_algo, parameters.optional_string("signAlgo", 64));
    if (!sign_algo) {
        const auto usual = cloudsign::csc::algorithm_for(credential.key_type, hash_length);
        if (!usual) {
            return invalid("Invalid digest value length");
        }
        return *usual;
    }
    TRY_ASSIGN(auto algorithm, read_algorithm(parameters, *sign_algo, hash_algo));
    if (!cloudsign::csc::fits(credential.key_type, algorithm)) {
        return wrong_algorithm("signAlgo");
    }
    if (hsm::protocol::digest_length(algorithm.digest) != hash_length) {
        return invalid("Invalid digest value length");
    }
    return algorithm;
}

Checked<void> check_usable(Context& context, const NamedCredential& named) {
    if (named.credential->status != CredentialStatus::enabled) {
        return invalid("The credential identified by credentialID is disabled");
    }
    if (named.credential->valid_to.value_or(0) < context.clock.now_ms()) {
        const auto facts =
            named.credential->certificate
                ? cloudsign::pki::read_certificate(*named.credential->certificate)
                : cloudsign::Result<cloudsign::pki::CertificateFacts>(cloudsign::Error{});
        return invalid("Signing certificate '" + (facts ? facts->subject : "") + "' is expired.");
    }
    return {};
}

// A SAD outlives its approval: the module may have lost it, and then the signer is asked again.
Checked<void> check_sad_lives(const cloudsign::store::Transaction& transaction) {
    using cloudsign::ErrorKind;
    switch (transaction.state) {
        case State::approved:
        case State::signing:
        case State::signed_:
            return {};
        case State::created:
        case State::notified:
        case State::seen:
            return transaction.reason.empty() ? invalid("Invalid parameter SAD")
                                              : invalid(transaction.reason);
        case State::expired:
            return invalid("SAD expired");
        case State::rejected:
            return to_refusal({ErrorKind::rejected, ""});
        case State::not_mine:
            return to_refusal({ErrorKind::not_mine, ""});
        case State::undelivered:
            return to_refusal({ErrorKind::undelivered, ""});
    }
    return invalid("Invalid parameter SAD");
}

Checked<json::object> sign_hash(Context& context, const http::Request& request, Version version) {
    TRY_ASSIGN(auto parameters, Parameters::read(request, version));
    TRY_ASSIGN(auto sad, read_sad_text(request, parameters, version));
    TRY_ASSIGN(auto named, find_credential(context, request, parameters));
    TRY(check_usable(context, named));
    TRY_ASSIGN(auto hashes, parameters.hashes(names(version).hash));
    TRY_ASSIGN(auto sign_algo, parameters.required_string("signAlgo"));
    TRY_ASSIGN(auto algorithm, read_algorithm(parameters, sign_algo, names(version).hash_algo));
    if (hsm::protocol::digest_length(algorithm.digest) != hashes.front().size()) {
        return invalid("Invalid digest value length");
    }
    // Bound to the client that asked and to the credential; the hashes and the algorithm are bound
    // by the approval itself.
    TRY_ASSIGN(auto transaction, find_by_sad(context, *request.principal, sad));
    if (transaction.credential_id != named.credential->id) {
        return invalid("Invalid parameter SAD");
    }
    TRY(check_sad_lives(transaction));
    if (transaction.algorithm != algorithm) {
        return wrong_algorithm("signAlgo");
    }
    const auto made = context.transactions.sign(transaction, hashes);
    if (!made) {
        return to_refusal(made.error());
    }
    json::array signatures;
    for (const auto& one : *made) {
        signatures.push_back(json::string(cloudsign::base64(one.signature)));
    }
    return json::object{{"signatures", std::move(signatures)}};
}

}  // namespace

Checked<cloudsign::transaction::SignatureRequest> signature_request(Context& context,
                                                                    const http::Request& request,
                                                                    const Parameters& parameters,
                                                                    Version version) {
    TRY_ASSIGN(auto named, find_credential(context, request, parameters));
    TRY(check_usable(context, named));
    TRY_ASSIGN(auto count, read_signature_count(parameters));
    TRY_ASSIGN(auto hashes, parameters.hashes(names(version).hash));
    if (hashes.size() != count) {
        // SCAL2: exactly these hashes, no head-room.
        return invalid("Invalid value for parameter numSignatures");
    }
    TRY_ASSIGN(auto description, read_description(parameters));
    TRY_ASSIGN(auto labels, parameters.labels(count));
    cloudsign::transaction::SignatureRequest wanted;
    TRY_ASSIGN(wanted.algorithm,
               authorised_algorithm(parameters, *named.credential, hashes.front().size(), version));
    const auto& client = *request.principal->client;
    wanted.client_id = client.id;
    wanted.portal = client.name;
    wanted.signer_id = named.signer->id;
    wanted.credential_id = named.credential->id;
    wanted.blob = *named.credential->blob;
    wanted.purpose_text = std::move(description);
    wanted.language = named.signer->language;
    for (std::size_t i = 0; i < count; ++i) {
        wanted.documents.push_back({std::move(hashes[i]), std::move(labels[i])});
    }
    return wanted;
}

Checked<cloudsign::store::Transaction> authorize(Context& context,
                                                 const http::Request& request,
                                                 const Parameters& parameters,
                                                 Version version) {
    TRY_ASSIGN(auto wanted, signature_request(context, request, parameters, version));
    auto transaction = context.transactions.open(wanted);
    if (!transaction) {
        return to_refusal(transaction.error());
    }
    return *std::move(transaction);
}

Checked<std::optional<Ticket>> ticket_of(Context& context,
                                         const cloudsign::store::Transaction& transaction) {
    using cloudsign::Error;
    using cloudsign::ErrorKind;
    switch (transaction.state) {
        case State::created:
        case State::notified:
        case State::seen:
            return std::optional<Ticket>();
        case State::approved:
        case State::signing:
        case State::signed_:
            return std::optional<Ticket>({context.transactions.sad_of(transaction),
                                          context.transactions.seconds_left(transaction)});
        case State::rejected:
            return to_refusal(Error{ErrorKind::rejected, ""});
        case State::not_mine:
            return to_refusal(Error{ErrorKind::not_mine, ""});
        case State::expired:
            return to_refusal(Error{ErrorKind::expired, ""});
        case State::undelivered:
            return to_refusal(Error{ErrorKind::undelivered, ""});
    }
    return to_refusal(Error{ErrorKind::internal, "transaction state"});
}

http::Outcome signatures_sign_hash(Context& context,
                                   const http::Request& request,
                                   Version version) {
    const auto signatures = sign_hash(context, request, version);
    return signatures ? http::json(200, *signatures) : to_response(signatures.error());
}

}  // namespace server::api::csc

#include <algorithm>

#include <boost/json.hpp>

#include "cloudsign/pki/certificate.h"
#include "server/api/csc/algorithm_parameters.h"
#include "server/api/csc/calls.h"
#include "server/api/csc/document_signature.h"
#include "server/api/csc/enclosures.h"

namespace server::api::csc {
namespace {

using cloudsign::store::CredentialStatus;
using cloudsign::store::Transaction;
using cloudsign::transaction::SignatureRequest;
using cloudsign::transaction::State;

constexpr std::size_t description_max = 500;  // characters: v1 §11.6

Checked<std::size_t> read_signature_count(const Parameters& parameters) {
    const auto count = parameters.integer("numSignatures");
    if (!count) {
        return invalid("Missing (or invalid type) integer parameter numSignatures");
    }
    if (*count < 1) {
        return invalid("Invalid value for parameter numSignatures");
    }
    if (*count > static_cast<std::int64_t>(hsm::protocol::leaf_count_max)) {
        return invalid("Numbers of signatures is too high");
    }
    return static_cast<std::size_t>(*count);
}

Checked<std::string> read_description(const Parameters& parameters) {
    TRY_ASSIGN(auto text, parameters.optional_string("description", description_max));
    return text.value_or("");
}

enum class HashType { to_be_signed, documents };

// v2.2's word for what a hash is of: the data to be signed, or the document, around which signDoc
// then makes signed attributes.
Checked<HashType> read_hash_type(const Parameters& parameters) {
    TRY_ASSIGN(auto named, parameters.optional_string("hashType", 16));
    const auto name = named.value_or("DTBSR");
    if (name == "DTBSR") {
        return HashType::to_be_signed;
    }
    if (name != "SDR") {
        return wrong_parameter("hashType");
    }
    return HashType::documents;
}

// Ours: what will be made of documents is decided here, since a PDF's attributes are others.
Checked<SignatureFormat> read_signature_format(const Parameters& parameters, HashType hash_type) {
    TRY_ASSIGN(auto named, parameters.optional_string("signature_format", 8));
    const auto format = signature_format_named(named.value_or(""));
    if (!format || (named && hash_type != HashType::documents)) {
        return wrong_parameter("signature_format");
    }
    return *format;
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
            return wrong_parameter(hash_algo);
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
        return wrong_parameter("signAlgo");
    }
    if (hsm::protocol::digest_length(algorithm.digest) != hash_length) {
        return invalid("Invalid digest value length");
    }
    return algorithm;
}

}  // namespace

Checked<void> check_usable(Context& context, const NamedCredential& named) {
    if (named.credential->status != CredentialStatus::enabled) {
        return to_refusal({cloudsign::ErrorKind::credential_disabled, ""});
    }
    if (named.credential->valid_to.value_or(0) < context.clock.now_ms()) {
        const auto facts =
            named.credential->certificate
                ? cloudsign::pki::read_certificate(*named.credential->certificate)
                : cloudsign::Result<cloudsign::pki::CertificateFacts>(cloudsign::Error{});
        auto refusal =
            invalid("Signing certificate '" + (facts ? facts->subject : "") + "' is expired.");
        refusal.kind = cloudsign::ErrorKind::credential_disabled;
        return refusal;
    }
    return {};
}

Checked<SignatureRequest> signature_request(Context& context,
                                            const Principal& principal,
                                            const Parameters& parameters,
                                            Version version) {
    TRY_ASSIGN(auto credential_id, parameters.required_string("credentialID"));
    TRY_ASSIGN(auto named, find_credential(context, principal, credential_id));
    TRY(check_usable(context, named));
    TRY_ASSIGN(auto count, read_signature_count(parameters));
    TRY_ASSIGN(auto hashes, parameters.hashes(names(version).hash));
    if (hashes.size() != count) {
        // SCAL2: exactly these hashes, no head-room.
        return invalid("Invalid value for parameter numSignatures");
    }
    SignatureRequest wanted;
    TRY_ASSIGN(wanted.purpose_text, read_description(parameters));
    TRY_ASSIGN(auto labels, parameters.labels(count));
    TRY_ASSIGN(auto enclosures,
               Enclosures::read(context, principal, parameters, named.credential->id, hashes));
    TRY_ASSIGN(wanted.algorithm,
               authorised_algorithm(parameters, *named.credential, hashes.front().size(), version));
    const auto& client = *principal.client;
    wanted.client_id = client.id;
    wanted.portal = client.name;
    wanted.signer_id = named.signer->id;
    wanted.credential_id = named.credential->id;
    wanted.blob = *named.credential->blob;
    wanted.language = named.signer->language;
    for (std::size_t i = 0; i < count; ++i) {
        wanted.documents.push_back({std::move(hashes[i]), std::move(labels[i])});
    }
    const bool has_prepared = enclosures.has_prepared();
    if (!enclosures.empty()) {
        wanted.beside = [enclosures = std::move(enclosures)](cloudsign::store::Session& session,
                                                             const std::string& transaction_id) {
            return enclosures.insert(session, transaction_id);
        };
    }
    if (version == Version::v2) {
        TRY_ASSIGN(auto hash_type, read_hash_type(parameters));
        TRY_ASSIGN(auto format, read_signature_format(parameters, hash_type));
        if (hash_type == HashType::documents && has_prepared) {
            return invalid("documents: what was prepared is approved with hashType DTBSR");
        }
        if (hash_type == HashType::documents) {
            TRY(prepare_documents(context, named, format, wanted));
        }
    }
    return wanted;
}

Checked<Transaction> authorize(Context& context,
                               const http::Request& request,
                               const Parameters& parameters,
                               Version version) {
    TRY_ASSIGN(auto wanted, signature_request(context, *request.principal, parameters, version));
    auto transaction = context.transactions.open(wanted);
    if (!transaction) {
        return to_refusal(transaction.error());
    }
    return *std::move(transaction);
}

Checked<std::optional<Ticket>> ticket_of(Context& context, const Transaction& transaction) {
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
            // Whom the signer answered, and who came too late for it, is told so.
            return transaction.approved_at ? Checked<std::optional<Ticket>>(invalid("SAD expired"))
                                           : to_refusal(Error{ErrorKind::expired, ""});
        case State::undelivered:
            return to_refusal(Error{ErrorKind::undelivered, ""});
    }
    return to_refusal(Error{ErrorKind::internal, "transaction state"});
}

http::Response deferred_ticket(Context& context, const Transaction& transaction) {
    const auto ticket = ticket_of(context, transaction);
    if (!ticket) {
        return to_response(ticket.error());
    }
    return http::json(200,
                      {{"SAD", context.transactions.sad_of(transaction)},
                       {"expiresIn", context.transactions.seconds_left(transaction)}});
}

}  // namespace server::api::csc

#include <ctime>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/pki/certificate.h"
#include "cloudsign/qd769/serial_number.h"
#include "cloudsign/store/credential_table.h"
#include "server/api/qd769/calls.h"
#include "server/api/qd769/endpoints.h"

namespace server::api::qd769 {
namespace {

namespace json = boost::json;
using cloudsign::store::Credential;
using cloudsign::store::CredentialStatus;

std::string utc_time(std::int64_t time_ms) {
    const std::time_t seconds = time_ms / 1000;
    std::tm calendar{};
    gmtime_r(&seconds, &calendar);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &calendar);
    return text.data();
}

// The words that portals compare.
std::string_view status_text(const Credential& credential, std::int64_t now) {
    if (credential.valid_to.value_or(0) < now) {
        return "Hết hạn";
    }
    return credential.status == CredentialStatus::enabled ? "Đang hoạt động" : "Tạm dừng";
}

json::value base64_or_null(const std::vector<cloudsign::Bytes>& chain, std::size_t index) {
    return index < chain.size() ? json::value(cloudsign::base64(chain[index])) : json::value();
}

cloudsign::Result<json::object> describe(Context& context,
                                         const Credential& credential,
                                         const std::string& transaction_id) {
    TRY_ASSIGN(auto chain, context.credentials.chain(credential));
    if (chain.empty()) {
        return cloudsign::Error{cloudsign::ErrorKind::internal, "a credential without certificate"};
    }
    TRY_ASSIGN(auto facts, cloudsign::pki::read_certificate(chain.front()));
    return json::object{
        // Portals leave out what has another service_type.
        {"service_type", "SMARTCA"},
        {"service_name", "KYSO"},
        {"cert_id", credential.id},
        {"cert_status", status_text(credential, context.clock.now_ms())},
        {"serial_number", facts.serial_number},
        {"cert_subject", facts.subject},
        {"cert_valid_from", utc_time(facts.valid_from_ms)},
        {"cert_valid_to", utc_time(facts.valid_to_ms)},
        {"cert_data", cloudsign::base64(chain.front())},
        {"chain_data",
         {{"ca_cert", base64_or_null(chain, 1)},
          {"root_cert", chain.size() > 1 ? base64_or_null(chain, chain.size() - 1) : nullptr}}},
        {"transaction_id", transaction_id}};
}

Checked<http::Response> answer(Context& context,
                               const Caller& caller,
                               const json::object& body,
                               const std::string&) {
    TRY_ASSIGN(auto request, read_certificate_request(body));
    TRY_ASSIGN(auto certificates, own_certificates(context, caller, request));
    if (!certificates) {
        return bad_request("user_id is unknown");
    }
    return to_response("Success", {{"user_certificates", *std::move(certificates)}});
}

}  // namespace

Checked<std::shared_ptr<const cloudsign::store::Signer>> own_signer(Context& context,
                                                                    const Caller& caller,
                                                                    const std::string& user_id) {
    const auto signer = context.signers.find_by_account(user_id);
    if (!signer) {
        return to_refusal(signer.error());
    }
    if (caller.signer_id && *caller.signer_id != (*signer)->id) {
        return bad_request("user_id is unknown");
    }
    const auto allowed = context.clients.check_may_ask(caller.client->id, (*signer)->id);
    if (!allowed) {
        return to_refusal(allowed.error());
    }
    return *signer;
}

Checked<std::optional<json::array>> own_certificates(Context& context,
                                                     const Caller& caller,
                                                     const CertificateRequest& request) {
    const auto signer = own_signer(context, caller, request.user_id);
    if (!signer && signer.error().status == 400) {
        return std::optional<json::array>();
    }
    if (!signer) {
        return signer.error();
    }
    const auto credentials = context.database.read([&](cloudsign::store::Session& session) {
        return cloudsign::store::CredentialTable(session).of_signer((*signer)->id);
    });
    if (!credentials) {
        return to_refusal(credentials.error());
    }
    json::array certificates;
    for (const auto& credential : *credentials) {
        const bool listed = (credential.status == CredentialStatus::enabled ||
                             credential.status == CredentialStatus::disabled) &&
                            credential.certificate;
        if (!listed || (!request.serial_number.empty() &&
                        cloudsign::qd769::normal_serial(credential.serial_number.value_or("")) !=
                            request.serial_number)) {
            continue;
        }
        auto one = describe(context, credential, request.transaction_id);
        if (!one) {
            return to_refusal(one.error());
        }
        certificates.push_back(*std::move(one));
    }
    return std::optional<json::array>(std::move(certificates));
}

http::Outcome get_certificate(Context& context,
                              const http::Request& request,
                              const http::PathParameters& parameters) {
    return answer_caller(context, request, parameters, answer);
}

}  // namespace server::api::qd769

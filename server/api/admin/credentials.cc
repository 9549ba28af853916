#include <charconv>

#include <boost/json.hpp>

#include "cloudsign/pki/certificate.h"
#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"
#include "server/api/names.h"
#include "server/api/signer_json.h"
#include "server/http/form.h"

namespace server::api::admin {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;

cloudsign::Result<cloudsign::credential::Invited> add(Context& context,
                                                      const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto signer, text_member(body, "signer_id", 255));
    TRY_ASSIGN(auto key, optional_text_member(body, "key_type", 16));
    TRY_ASSIGN(auto description, optional_text_member(body, "description", 255));
    TRY_ASSIGN(auto named, optional_text_member(body, "profile", 16));
    const auto profile =
        cloudsign::pki::signer_profile_named(named.empty() ? std::string_view("person") : named);
    if (!profile) {
        return Error{ErrorKind::invalid, "profile is one of person, organisation, device"};
    }
    const auto key_type = key_type_named(key.empty() ? "p256" : key);
    if (!key_type) {
        return Error{ErrorKind::invalid,
                     "key_type is one of p256, p384, rsa2048, rsa3072, rsa4096"};
    }
    return context.credentials.invite(signer, *key_type, description, *profile);
}

cloudsign::Result<boost::json::object> credential_json(Context& context, const std::string& id) {
    TRY_ASSIGN(const auto credential, context.credentials.find(id));
    TRY_ASSIGN(const auto chain, context.credentials.chain(credential));
    TRY_ASSIGN(const auto life, context.credentials.life(credential));
    boost::json::array certificates;
    for (const auto& certificate : chain) {
        certificates.push_back(boost::json::string(cloudsign::pki::to_pem(certificate)));
    }
    return boost::json::object{{"id", credential.id},
                               {"signer_id", credential.signer_id.value_or("")},
                               {"status", status_name(credential.status)},
                               {"key_type", key_type_name(credential.key_type)},
                               {"profile", cloudsign::pki::profile_name(credential.profile)},
                               {"version", credential.version},
                               {"certificates", std::move(certificates)},
                               {"life", life_json(life)}};
}

constexpr std::int64_t day_ms = 24ll * 3600 * 1000;
constexpr std::int64_t days_max = 10'000;
constexpr std::uint32_t ending_max = 1000;

cloudsign::Result<std::int64_t> read_days(std::string_view text) {
    std::int64_t days = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), days);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || days < 1 ||
        days > days_max) {
        return Error{ErrorKind::invalid, "expiring must be 1 to 10000 days"};
    }
    return days;
}

// Whose certificate ends within that time, of one signer.
void keep_ending(std::vector<cloudsign::store::Credential>& credentials,
                 std::int64_t now,
                 std::int64_t until) {
    using enum cloudsign::store::CredentialStatus;
    std::erase_if(credentials, [&](const cloudsign::store::Credential& credential) {
        const auto end = credential.valid_to.value_or(0);
        return end <= now || end > until ||
               (credential.status != enabled && credential.status != disabled);
    });
}

// ?signer=ID, ?expiring=DAYS, or both.
cloudsign::Result<std::vector<cloudsign::store::Credential>> wanted_credentials(
    Context& context, const http::Request& request) {
    const auto form = http::Form::parse(request.query);
    const auto signer = form ? form->find("signer") : std::nullopt;
    const auto expiring = form ? form->find("expiring") : std::nullopt;
    if (!signer && !expiring) {
        return Error{ErrorKind::invalid, "say whose: ?signer=ID, or what ends: ?expiring=DAYS"};
    }
    std::int64_t days = 0;
    if (expiring) {
        TRY_ASSIGN(days, read_days(*expiring));
    }
    if (!signer) {
        return context.credentials.ending_within(days * day_ms, ending_max);
    }
    TRY(context.signers.find(std::string(*signer)));
    TRY_ASSIGN(auto credentials, context.credentials.of_signer(std::string(*signer)));
    if (expiring) {
        const auto now = context.clock.now_ms();
        keep_ending(credentials, now, now + days * day_ms);
    }
    return credentials;
}

}  // namespace

http::Outcome add_credential(Context& context,
                             const http::Request& request,
                             const http::PathParameters&) {
    const auto invited = add(context, request);
    if (!invited) {
        return error_response(invited.error());
    }
    return http::json(200,
                      {{"credential_id", invited->credential.id},
                       {"link", context.urls.approve + "/enrol#" + invited->invitation},
                       {"expires_at", invited->expires_at}});
}

http::Outcome list_credentials(Context& context,
                               const http::Request& request,
                               const http::PathParameters&) {
    const auto credentials = wanted_credentials(context, request);
    if (!credentials) {
        return error_response(credentials.error());
    }
    boost::json::array list;
    for (const auto& credential : *credentials) {
        list.push_back(credential_summary(credential));
    }
    boost::json::object answer{{"credentials", std::move(list)}};
    if (credentials->size() == ending_max) {
        answer["more"] = true;
    }
    return http::json(200, answer);
}

http::Outcome change_credential(Context& context,
                                const http::Request& request,
                                const http::PathParameters& parameters) {
    const std::string id(parameters.id);
    std::string asks;  // the transaction of a revocation
    const auto change = [&]() -> cloudsign::Result<void> {
        TRY_ASSIGN(auto body, read_json(request));
        TRY_ASSIGN(auto status, text_member(body, "status", 16));
        if (status == "disabled") {
            return context.credentials.suspend(id);
        }
        if (status == "enabled") {
            return context.credentials.resume_use(id);
        }
        if (status == "deleted") {
            return context.credentials.remove(id);
        }
        if (status == "revoked") {
            TRY_ASSIGN(auto name, text_member(body, "reason", 32));
            const auto reason = cloudsign::pki::revocation_reason_named(name);
            if (!reason) {
                return Error{ErrorKind::invalid, "reason must be one of RFC 5280 §5.3.1"};
            }
            TRY_ASSIGN(auto transaction, context.credentials.revoke(id, *reason));
            asks = transaction ? transaction->id : "";
            return {};
        }
        return Error{ErrorKind::invalid, "status must be enabled, disabled, revoked or deleted"};
    }();
    if (!change) {
        return error_response(change.error());
    }
    auto shown = credential_json(context, id);
    if (!shown) {
        return error_response(shown.error());
    }
    if (!asks.empty()) {
        (*shown)["transaction_id"] = asks;
    }
    return http::json(200, *shown);
}

http::Outcome show_credential(Context& context,
                              const http::Request&,
                              const http::PathParameters& parameters) {
    const auto shown = credential_json(context, std::string(parameters.id));
    return shown ? http::json(200, *shown) : error_response(shown.error());
}

}  // namespace server::api::admin

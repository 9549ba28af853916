#include <boost/json.hpp>

#include "cloudsign/external_ca/external_ca.h"
#include "cloudsign/store/credential_table.h"
#include "cloudsign/store/device_table.h"
#include "hsm/protocol/short_code.h"
#include "server/api/admin/credential_ids.h"
#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"
#include "server/api/office/act.h"
#include "server/api/office/endpoints.h"
#include "server/api/signer_json.h"
#include "server/http/form.h"

// What registrars do goes the operator's way, so that the two can never differ; what the operator
// alone may do is refused before.
namespace server::api::office {
namespace {

namespace json = boost::json;
using cloudsign::ErrorKind;

constexpr std::uint32_t page_size = 50;

// The member of the body that says whom it is about; empty when there is none, which the operator's
// handler then refuses.
std::string named(const http::Request& request, std::string_view member) {
    const auto body = read_json(request);
    const auto name = body ? optional_text_member(*body, member, 255)
                           : cloudsign::Result<std::string>(std::string());
    return name ? *name : std::string();
}

// Whose next certificate an authority outside issues: one that has its present certificate from
// there, or none at all where there is such an authority.
bool is_certified_outside(Context& context, const cloudsign::store::Credential& credential) {
    return credential.certificate
               ? !credential.issuer_id
               : credential.status == cloudsign::store::CredentialStatus::bound &&
                     context.external_ca.is_there();
}

// Where its newest request stands; nothing where there is none.
cloudsign::Result<std::optional<json::object>> request_json(Context& context,
                                                            const std::string& credential_id) {
    using cloudsign::store::CertificationState;
    const auto found = context.external_ca.newest(credential_id);
    if (!found && found.error().kind == ErrorKind::not_found) {
        return std::optional<json::object>();
    }
    if (!found) {
        return found.error();
    }
    std::string_view state = name(found->row.state);
    if (found->row.state == CertificationState::open) {
        state = !found->pkcs10.empty()                                         ? "approved"
                : cloudsign::transaction::is_waiting(found->transaction.state) ? "waiting"
                                                                               : "lapsed";
    }
    json::object written{{"state", state}};
    if (!found->row.detail.empty()) {
        written["detail"] = found->row.detail;
    }
    return std::optional(std::move(written));
}

cloudsign::Result<json::array> credentials_json(
    Context& context, const std::vector<cloudsign::store::Credential>& credentials) {
    json::array list;
    for (const auto& credential : credentials) {
        auto written = credential_summary(credential);
        // Revoked, but the officers have not ended the key yet, and may have to be asked again.
        written["key_lives"] = credential.blob.has_value();
        written["outside"] = is_certified_outside(context, credential);
        if (credential.status != cloudsign::store::CredentialStatus::deleted) {
            TRY_ASSIGN(auto asked, request_json(context, credential.id));
            if (asked) {
                written["request"] = *std::move(asked);
            }
        }
        list.push_back(std::move(written));
    }
    return list;
}

json::array devices_json(const std::vector<cloudsign::store::Device>& devices) {
    json::array list;
    for (const auto& device : devices) {
        const auto code = hsm::protocol::short_code(device.thumbprint);
        list.push_back(json::object{{"name", device.name},
                                    {"short_code", std::string_view(code.data(), code.size())},
                                    {"created_at", device.created_at},
                                    {"last_used_at", device.last_used_at}});
    }
    return list;
}

cloudsign::Result<json::object> shown(Context& context, const std::string& id) {
    TRY_ASSIGN(auto signer, context.signers.find(id));
    // Those that are revoked, too: theirs is not over before the officers have answered.
    TRY_ASSIGN(auto credentials, context.database.read([&](cloudsign::store::Session& session) {
        return cloudsign::store::CredentialTable(session).of_signer(id);
    }));
    TRY_ASSIGN(auto devices, context.database.read([&](cloudsign::store::Session& session) {
        return cloudsign::store::DeviceTable(session).of_owner(
            cloudsign::store::DeviceOwner::signer, id);
    }));
    TRY_ASSIGN(auto written, credentials_json(context, credentials));
    return json::object{{"signer", signer_json(*signer)},
                        {"credentials", std::move(written)},
                        {"devices", devices_json(devices)}};
}

// What the body's credential_ids are about, in words; `not_found` for one that is no signer's.
cloudsign::Result<std::string> signers_credentials(Context& context, const http::Request& request) {
    TRY_ASSIGN(const auto body, read_json(request));
    TRY_ASSIGN(const auto ids, admin::credential_ids_member(body));
    for (const auto& id : ids) {
        TRY_ASSIGN(const auto credential, context.credentials.find_among(id));
        if (!credential.signer_id) {
            return cloudsign::Error{ErrorKind::not_found, "no such credential: " + id};
        }
    }
    return ids.front() +
           (ids.size() == 1 ? "" : " and " + std::to_string(ids.size() - 1) + " more");
}

}  // namespace

// ?search=TEXT&after=ID, both optional.
http::Outcome list_signers(Context& context,
                           const http::Request& request,
                           const http::PathParameters&) {
    const auto form = http::Form::parse(request.query);
    if (!form) {
        return error_response({ErrorKind::invalid, "the query must be form-encoded"});
    }
    const std::string search(form->find("search").value_or(""));
    const std::string after(form->find("after").value_or(""));
    const auto page = context.signers.search(search, after, page_size);
    if (!page) {
        return error_response(page.error());
    }
    json::array list;
    for (const auto& signer : *page) {
        list.push_back(signer_json(signer));
    }
    json::object body{{"signers", std::move(list)}};
    if (page->size() == page_size) {
        body["next"] = page->back().id;
    }
    return http::json(200, body);
}

// ?id=ID, since an id may have characters that no path takes.
http::Outcome show_signer(Context& context,
                          const http::Request& request,
                          const http::PathParameters&) {
    const auto form = http::Form::parse(request.query);
    const auto id = form ? form->find("id") : std::nullopt;
    if (!id) {
        return error_response({ErrorKind::invalid, "say who: ?id=ID"});
    }
    const auto body = shown(context, std::string(*id));
    return body ? http::json(200, *body) : error_response(body.error());
}

http::Outcome add_signer(Context& context,
                         const http::Request& request,
                         const http::PathParameters& parameters) {
    return noted(
        request, "adds", named(request, "id"), admin::add_signer(context, request, parameters));
}

http::Outcome set_email(Context& context,
                        const http::Request& request,
                        const http::PathParameters& parameters) {
    return noted(request,
                 "changes the address of",
                 named(request, "id"),
                 admin::set_email(context, request, parameters));
}

http::Outcome set_status(Context& context,
                         const http::Request& request,
                         const http::PathParameters& parameters) {
    const auto status = named(request, "status");
    if (status == "deleted") {
        return error_response({ErrorKind::forbidden, "the operator alone deletes a signer"});
    }
    return noted(request,
                 status == "frozen" ? "freezes" : "unfreezes",
                 named(request, "id"),
                 admin::change_signer(context, request, parameters));
}

http::Outcome lost_phone(Context& context,
                         const http::Request& request,
                         const http::PathParameters& parameters) {
    return noted(request,
                 "removes every phone of",
                 named(request, "id"),
                 admin::lost_phone(context, request, parameters));
}

http::Outcome invite(Context& context,
                     const http::Request& request,
                     const http::PathParameters& parameters) {
    return noted(request,
                 "invites to enrol",
                 named(request, "signer_id"),
                 admin::add_credential(context, request, parameters));
}

// Those of people: the CA's own keys are the operator's.
http::Outcome change_credential(Context& context,
                                const http::Request& request,
                                const http::PathParameters& parameters) {
    const auto credential = context.credentials.find(std::string(parameters.id));
    if (!credential) {
        return error_response(credential.error());
    }
    if (!credential->signer_id) {
        return error_response({ErrorKind::not_found, "no such credential"});
    }
    const auto status = named(request, "status");
    if (status == "deleted") {
        return error_response({ErrorKind::forbidden, "the operator alone deletes a credential"});
    }
    const std::string_view act = status == "revoked"    ? "asks officers to revoke"
                                 : status == "disabled" ? "suspends"
                                                        : "resumes";
    return noted(
        request, act, credential->id, admin::change_credential(context, request, parameters));
}

// Of people, too.
http::Outcome renew(Context& context,
                    const http::Request& request,
                    const http::PathParameters& parameters) {
    const auto about = signers_credentials(context, request);
    return about ? noted(request,
                         "asks officers to renew",
                         *about,
                         admin::renew(context, request, parameters))
                 : error_response(about.error());
}

http::Outcome request_certification(Context& context,
                                    const http::Request& request,
                                    const http::PathParameters& parameters) {
    const auto about = signers_credentials(context, request);
    return about ? noted(request,
                         "asks signers to request a certificate outside of",
                         *about,
                         admin::request_certification(context, request, parameters))
                 : error_response(about.error());
}

}  // namespace server::api::office

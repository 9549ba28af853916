#include <boost/json.hpp>

#include "cloudsign/cmp/cmp_authority.h"
#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"
#include "server/http/form.h"

namespace server::api::admin {
namespace {

namespace json = boost::json;
using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::cmp::ListedRequest;
using cloudsign::store::CmpAccount;

constexpr std::uint32_t page_size = 100;

cloudsign::Result<CmpAccount> add(Context& context, const http::Request& request) {
    TRY_ASSIGN(const auto body, read_json(request));
    TRY_ASSIGN(const auto name, text_member(body, "name", 64));
    TRY_ASSIGN(const auto text, text_member(body, "profile", 16));
    const auto profile = cloudsign::pki::signer_profile_named(text);
    if (!profile) {
        return Error{ErrorKind::invalid, "profile is one of person, organisation, device"};
    }
    return context.cmp.add_account(name, *profile);
}

json::object account_json(const CmpAccount& account) {
    return {{"name", account.name},
            {"profile", cloudsign::pki::profile_name(account.profile)},
            {"status", cloudsign::store::name(account.status)},
            {"created_at", account.created_at}};
}

http::Outcome with_secret(Context& context, const cloudsign::Result<CmpAccount>& account) {
    if (!account) {
        return error_response(account.error());
    }
    auto written = account_json(*account);
    written["secret"] = account->secret;
    written["url"] = context.urls.api + "/pki/cmp/" + account->name;
    return http::json(200, written);
}

json::object request_json(const ListedRequest& listed) {
    const auto& [request, credential] = listed;
    json::object written{{"id", request.id},
                         {"account", request.account},
                         {"credential_id", credential.id},
                         {"subject", credential.description},
                         {"state", cloudsign::store::name(request.state)},
                         {"created_at", request.created_at}};
    if (!request.office_id.empty()) {
        written["transaction_id"] = request.office_id;
    }
    if (credential.serial_number) {
        written["serial_number"] = *credential.serial_number;
    }
    if (!request.detail.empty()) {
        written["detail"] = request.detail;
    }
    return written;
}

}  // namespace

http::Outcome add_cmp_account(Context& context,
                              const http::Request& request,
                              const http::PathParameters&) {
    return with_secret(context, add(context, request));
}

http::Outcome renew_cmp_secret(Context& context,
                               const http::Request&,
                               const http::PathParameters& parameters) {
    return with_secret(context, context.cmp.renew_secret(std::string(parameters.id)));
}

http::Outcome list_cmp_accounts(Context& context,
                                const http::Request&,
                                const http::PathParameters&) {
    const auto all = context.cmp.accounts();
    if (!all) {
        return error_response(all.error());
    }
    json::array accounts;
    for (const auto& account : *all) {
        accounts.push_back(account_json(account));
    }
    return http::json(200, {{"accounts", std::move(accounts)}});
}

http::Outcome remove_cmp_account(Context& context,
                                 const http::Request&,
                                 const http::PathParameters& parameters) {
    const auto removed = context.cmp.remove_account(std::string(parameters.id));
    return removed ? http::json(200, account_json(*removed)) : error_response(removed.error());
}

// ?before=ID: the page after the one that ends with it.
http::Outcome list_cmp_requests(Context& context,
                                const http::Request& request,
                                const http::PathParameters&) {
    const auto query = http::Form::parse(request.query);
    const auto before = query ? query->find("before").value_or("") : std::string_view();
    const auto page = context.cmp.requests(std::string(before), page_size);
    if (!page) {
        return error_response(page.error());
    }
    json::array requests;
    for (const auto& listed : *page) {
        requests.push_back(request_json(listed));
    }
    return http::json(200, {{"requests", std::move(requests)}});
}

}  // namespace server::api::admin

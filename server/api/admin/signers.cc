#include <boost/json.hpp>

#include "cloudsign/authority/status_service.h"
#include "cloudsign/pki/distinguished_name.h"
#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"
#include "server/api/signer_json.h"
#include "server/http/form.h"

namespace server::api::admin {
namespace {

cloudsign::Result<cloudsign::store::Signer> add(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto id, text_member(body, "id", 255));
    TRY_ASSIGN(auto name, text_member(body, "name", 255));
    TRY_ASSIGN(auto subject, text_member(body, "subject", 1024));
    TRY_ASSIGN(auto language, optional_text_member(body, "language", 35));
    TRY_ASSIGN(auto account, optional_text_member(body, "account", 64));
    TRY_ASSIGN(auto email, optional_text_member(body, "email", 254));
    // The form in which certificates will show it, so that what the officer approves, hashes and
    // reads in the certificate is one text.
    TRY_ASSIGN(auto parsed, cloudsign::pki::parse_name(subject));
    return context.signers.add(id,
                               name,
                               cloudsign::pki::format_name(parsed.get()),
                               language.empty() ? "vi" : language,
                               account,
                               email);
}

}  // namespace

http::Outcome add_signer(Context& context,
                         const http::Request& request,
                         const http::PathParameters&) {
    const auto signer = add(context, request);
    if (!signer) {
        return error_response(signer.error());
    }
    return http::json(200, {{"id", signer->id}, {"subject", signer->subject}});
}

namespace {

constexpr std::uint32_t page_size = 200;

// {"id", "status"}: the id stands in the body, since it may have characters that no path takes.
cloudsign::Result<void> change(Context& context, const http::Request& request, std::string& id) {
    using cloudsign::store::SignerStatus;
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(id, text_member(body, "id", 255));
    TRY_ASSIGN(auto status, text_member(body, "status", 16));
    if (status == "deleted") {
        TRY(context.signers.remove(id));
        context.status.changed();
        TRY(context.transactions.end_all_of(id));
        return {};
    }
    if (status != "active" && status != "frozen") {
        return cloudsign::Error{cloudsign::ErrorKind::invalid,
                                "status must be active, frozen or deleted"};
    }
    return context.signers.set_status(
        id, status == "active" ? SignerStatus::active : SignerStatus::frozen);
}

// ?after=ID, form-encoded: the page after that signer.
std::optional<std::string> read_after(const http::Request& request) {
    if (request.query.empty()) {
        return "";
    }
    const auto form = http::Form::parse(request.query);
    const auto after = form ? form->find("after") : std::nullopt;
    return after ? std::optional<std::string>(*after) : std::nullopt;
}

}  // namespace

http::Outcome list_signers(Context& context,
                           const http::Request& request,
                           const http::PathParameters&) {
    const auto after = read_after(request);
    if (!after) {
        return error_response({cloudsign::ErrorKind::invalid, "the query may only have after=ID"});
    }
    const auto page = context.signers.page(*after, page_size);
    if (!page) {
        return error_response(page.error());
    }
    boost::json::array list;
    for (const auto& signer : *page) {
        list.push_back(signer_json(signer));
    }
    boost::json::object body{{"signers", std::move(list)}};
    if (page->size() == page_size) {
        body["next"] = page->back().id;
    }
    return http::json(200, body);
}

// {"id"}: removes every device of the signer.
http::Outcome lost_phone(Context& context,
                         const http::Request& request,
                         const http::PathParameters&) {
    const auto removed = [&]() -> cloudsign::Result<std::size_t> {
        TRY_ASSIGN(auto body, read_json(request));
        TRY_ASSIGN(auto id, text_member(body, "id", 255));
        TRY(context.signers.find(id));
        return context.devices.remove_all_of(id);
    }();
    return removed ? http::json(200, {{"devices_removed", *removed}})
                   : error_response(removed.error());
}

// {"id", "email"}: where the signer is told; "" for nowhere, which has to be said.
http::Outcome set_email(Context& context,
                        const http::Request& request,
                        const http::PathParameters&) {
    const auto changed =
        [&]() -> cloudsign::Result<std::shared_ptr<const cloudsign::store::Signer>> {
        TRY_ASSIGN(auto body, read_json(request));
        TRY_ASSIGN(auto id, text_member(body, "id", 255));
        const auto* const given = body.if_contains("email");
        if (given == nullptr || given->is_null()) {
            return cloudsign::Error{cloudsign::ErrorKind::invalid,
                                    "email is missing; \"\" for no address"};
        }
        TRY_ASSIGN(auto email, optional_text_member(body, "email", 254));
        TRY(context.signers.set_email(id, email));
        return context.signers.find(id);
    }();
    return changed ? http::json(200, signer_json(**changed)) : error_response(changed.error());
}

http::Outcome change_signer(Context& context,
                            const http::Request& request,
                            const http::PathParameters&) {
    std::string id;
    if (const auto done = change(context, request, id); !done) {
        return error_response(done.error());
    }
    const auto signer = context.signers.find(id);
    if (!signer && signer.error().kind == cloudsign::ErrorKind::not_found) {
        return http::json(200, {{"id", id}, {"status", "deleted"}});
    }
    return signer ? http::json(200, signer_json(**signer)) : error_response(signer.error());
}

}  // namespace server::api::admin

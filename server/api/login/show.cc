#include <ctime>

#include "cloudsign/base64.h"
#include "cloudsign/pki/certificate.h"
#include "server/api/login/endpoints.h"
#include "server/api/login/page.h"
#include "server/api/login/texts.h"
#include "server/api/login/visit.h"

namespace server::api::login {
namespace {

using cloudsign::transaction::SignatureRequest;

constexpr std::size_t labels_shown_at_once = 10;

std::string button(std::string_view id, std::string_view label, std::string_view kind = "") {
    return "<button type=\"button\" id=\"" + std::string(id) + "\" class=\"" + std::string(kind) +
           "\">" + escaped(label) + "</button>";
}

std::string lead(const Visit& visit, std::string_view says) {
    return "<p><strong class=\"portal\">" + escaped(visit.client->name) + "</strong> " +
           escaped(says) + "</p>";
}

std::string date(std::int64_t time_ms) {
    const std::time_t seconds = time_ms / 1000;
    std::tm calendar{};
    gmtime_r(&seconds, &calendar);
    std::array<char, 16> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%d", &calendar);
    return text.data();
}

PageData page_data(const http::PathParameters& parameters, const Texts& texts) {
    return {{"id", std::string(parameters.id)},
            {"cancelled", std::string(texts.data_cancelled)},
            {"refused", std::string(texts.data_refused)},
            {"failed", std::string(texts.data_failed)},
            {"seen", std::string(texts.data_seen)}};
}

http::Response sign_in_page(Context& context,
                            const Visit& visit,
                            const http::PathParameters& parameters) {
    const auto language = visit.request.language;
    const auto& texts = texts_in(language);
    const auto challenge = context.authorizations.challenge(visit.authorization);
    if (!challenge) {
        return failure_page(503, language, challenge.error().detail);
    }
    auto data = page_data(parameters, texts);
    data.emplace_back("challenge", cloudsign::base64url(*challenge));
    data.emplace_back("rp-id", context.logins.site().rp_id);
    return page(200,
                language,
                texts.sign_in_title,
                lead(visit, texts.sign_in) + button("sign-in", texts.sign_in_button, "main"),
                data);
}

std::string signed_in_as(Context& context, const Visit& visit, const Texts& texts) {
    const auto signer = context.database.signer(visit.session->owner_id);
    const auto name = signer && *signer ? (*signer)->name : visit.session->owner_id;
    return "<p class=\"who\">" + escaped(texts.signed_in_as) + " <strong>" + escaped(name) +
           "</strong> " + button("sign-out", texts.sign_out_button, "quiet") + "</p>";
}

std::string label_list(const SignatureRequest& asked, const Texts& texts) {
    std::string list = "<ol>";
    for (const auto& document : asked.documents) {
        list += "<li>" +
                escaped(document.label.empty() ? texts.unnamed_document
                                               : std::string_view(document.label)) +
                "</li>";
    }
    list += "</ol>";
    const auto count = escaped(texts.documents) + " <strong>" +
                       std::to_string(asked.documents.size()) + "</strong>";
    if (asked.documents.size() <= labels_shown_at_once) {
        return "<p>" + count + "</p>" + list;
    }
    return "<details><summary>" + count + "</summary>" + list + "</details>";
}

std::string certificate_line(Context& context, const SignatureRequest& asked, const Texts& texts) {
    const auto credential = context.database.credential(asked.credential_id);
    if (!credential || !*credential || !(*credential)->certificate) {
        return {};
    }
    const auto facts = cloudsign::pki::read_certificate(*(*credential)->certificate);
    if (!facts) {
        return {};
    }
    return "<p>" + escaped(texts.certificate) + " <strong>" + escaped(facts->subject) +
           "</strong><br>" + escaped(texts.valid_until) + " " + date(facts->valid_to_ms) + "</p>";
}

http::Response service_page(Context& context,
                            const Visit& visit,
                            const http::PathParameters& parameters) {
    const auto& texts = texts_in(visit.request.language);
    return page(200,
                visit.request.language,
                texts.consent_title,
                lead(visit, texts.consent) + button("allow", texts.allow_button, "main") +
                    button("deny", texts.deny_button) + signed_in_as(context, visit, texts),
                page_data(parameters, texts));
}

http::Response signing_page(Context& context,
                            const Visit& visit,
                            const SignatureRequest& asked,
                            const http::PathParameters& parameters) {
    const auto& texts = texts_in(visit.request.language);
    std::string content = lead(visit, texts.sign);
    if (!asked.purpose_text.empty()) {
        content += "<p>" + escaped(texts.own_words) + "</p><blockquote>" +
                   escaped(asked.purpose_text) + "</blockquote>";
    }
    content += label_list(asked, texts) + certificate_line(context, asked, texts) +
               button("screen", texts.screen_button, "main") + button("phone", texts.phone_button) +
               button("deny", texts.deny_button) + signed_in_as(context, visit, texts);
    return page(
        200, visit.request.language, texts.sign_title, content, page_data(parameters, texts));
}

http::Response waiting_page(Context& context,
                            const Visit& visit,
                            const http::PathParameters& parameters) {
    const auto& texts = texts_in(visit.request.language);
    const auto transaction = context.transactions.find(*visit.authorization.transaction_id);
    if (!transaction) {
        return failure_page(503, visit.request.language, transaction.error().detail);
    }
    auto data = page_data(parameters, texts);
    data.emplace_back("waits", cloudsign::transaction::name(transaction->state));
    std::string content = lead(visit, texts.sign);
    if (cloudsign::transaction::is_code_typed(*transaction)) {
        content += "<p>" + escaped(texts.type_number) + "</p><p id=\"number\">" +
                   escaped(transaction->code) + "</p>";
    } else {
        content += "<p>" + escaped(texts.scan) +
                   "</p><img id=\"start\" width=\"280\" "
                   "height=\"280\" alt=\"" +
                   escaped(texts.scan_image) + "\" src=\"/authorize/" + std::string(parameters.id) +
                   "/start.svg\"><p><a id=\"same-device\" href=\"" + escaped(context.urls.approve) +
                   "\" rel=\"noreferrer\">" + escaped(texts.same_device) + "</a></p>";
    }
    content += "<p id=\"progress\" role=\"status\">" + escaped(texts.waiting) + "</p>";
    return page(200, visit.request.language, texts.wait_title, content, data);
}

// What is asked cannot be: the portal is told so, as its own API would tell it.
http::Response send_back(Context& context, const Visit& visit, const csc::Refusal& refusal) {
    const auto location = finish_with(context, visit, answer_of(to_authorization_error(refusal)));
    if (!location) {
        return failure_page(409, visit.request.language, location.error().detail);
    }
    http::Response response;
    response.status = 302;
    return response.with("Location", *location);
}

}  // namespace

http::Outcome show(Context& context,
                   const http::Request& request,
                   const http::PathParameters& parameters) {
    const auto visit = find_visit(context, parameters.id, session_cookie(request));
    if (!visit) {
        const bool unknown = visit.error().kind == cloudsign::ErrorKind::not_found;
        return failure_page(unknown ? 404 : 503, PageLanguage::vi, visit.error().detail);
    }
    if (!visit->session) {
        return sign_in_page(context, *visit, parameters);
    }
    if (visit->authorization.transaction_id) {
        return waiting_page(context, *visit, parameters);
    }
    if (!visit->request.signing) {
        return service_page(context, *visit, parameters);
    }
    const auto asked = signature_request(context, *visit);
    return asked ? signing_page(context, *visit, *asked, parameters)
                 : send_back(context, *visit, asked.error());
}

}  // namespace server::api::login

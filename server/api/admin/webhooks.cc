#include <boost/json.hpp>

#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"
#include "server/http/form.h"

namespace server::api::admin {
namespace {

namespace json = boost::json;
using cloudsign::store::Webhook;
using cloudsign::store::WebhookState;

constexpr std::uint32_t page_size = 100;
constexpr std::size_t url_size_max = 2048;

std::string_view state_name(WebhookState state) {
    switch (state) {
        case WebhookState::armed:
            return "armed";
        case WebhookState::due:
            return "due";
        case WebhookState::delivered:
            return "delivered";
        case WebhookState::failed:
            return "failed";
    }
    return "";
}

json::object webhook_json(const Webhook& webhook) {
    json::object written{{"id", webhook.id},
                         {"client_id", webhook.client_id},
                         {"kind", webhook.kind},
                         {"subject", webhook.subject},
                         {"url", webhook.url},
                         {"state", state_name(webhook.state)},
                         {"attempts", webhook.attempts},
                         {"created_at", webhook.created_at}};
    if (webhook.state == WebhookState::due) {
        written["next_at"] = webhook.next_at;
    }
    if (webhook.done_at) {
        written["done_at"] = *webhook.done_at;
    }
    return written;
}

// {"url": …} moves it there: the portal's address of then may be why it failed.
cloudsign::Result<Webhook> retry(Context& context,
                                 const http::Request& request,
                                 const std::string& id) {
    TRY_ASSIGN(const auto body, read_json(request));
    TRY_ASSIGN(const auto url, optional_text_member(body, "url", url_size_max));
    return context.webhooks.retry(id, url);
}

}  // namespace

// ?before=ID: the page after the one that ends with it.
http::Outcome list_webhooks(Context& context,
                            const http::Request& request,
                            const http::PathParameters&) {
    const auto query = http::Form::parse(request.query);
    const auto before = query ? query->find("before").value_or("") : std::string_view();
    const auto entries = context.webhooks.log(std::string(before), page_size);
    if (!entries) {
        return error_response(entries.error());
    }
    json::array webhooks;
    for (const auto& entry : *entries) {
        auto written = webhook_json(entry.webhook);
        json::array log;
        for (const auto& attempt : entry.attempts) {
            log.push_back(
                {{"at", attempt.at}, {"status", attempt.status}, {"fault", attempt.fault}});
        }
        written["log"] = std::move(log);
        webhooks.push_back(std::move(written));
    }
    return http::json(200, {{"webhooks", std::move(webhooks)}});
}

http::Outcome retry_webhook(Context& context,
                            const http::Request& request,
                            const http::PathParameters& parameters) {
    const auto webhook = retry(context, request, std::string(parameters.id));
    if (!webhook) {
        return error_response(webhook.error());
    }
    return http::json(200, webhook_json(*webhook));
}

}  // namespace server::api::admin

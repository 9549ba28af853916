#include "cloudsign/raising/raisings.h"

#include <boost/json.hpp>

#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/http/form.h"

namespace server::api::admin {
namespace {

namespace json = boost::json;
using cloudsign::store::Raising;
using cloudsign::store::RaisingState;

constexpr std::uint32_t page_size = 100;

json::object raising_json(const Raising& raising) {
    json::object written{{"id", raising.id},
                         {"client_id", raising.client_id},
                         {"signer_id", raising.signer_id},
                         {"transaction_id", raising.transaction_id},
                         {"state", cloudsign::store::name(raising.state)},
                         {"target", raising.target},
                         {"reached", raising.reached},
                         {"attempts", raising.attempts},
                         {"fault", raising.fault},
                         {"size", raising.size},
                         {"created_at", raising.created_at}};
    if (raising.state == RaisingState::raising) {
        written["next_at"] = raising.next_at;
    }
    if (raising.keep_until) {
        written["keep_until"] = *raising.keep_until;
    }
    return written;
}

}  // namespace

// ?after=ID: the page after the one that ends with it.
http::Outcome list_raisings(Context& context,
                            const http::Request& request,
                            const http::PathParameters&) {
    const auto query = http::Form::parse(request.query);
    const auto after = query ? query->find("after").value_or("") : std::string_view();
    const auto page = context.raisings.page(std::string(after), page_size);
    if (!page) {
        return error_response(page.error());
    }
    json::array list;
    for (const auto& raising : *page) {
        list.push_back(raising_json(raising));
    }
    return http::json(200, {{"raisings", std::move(list)}});
}

http::Outcome retry_raisings(Context& context, const http::Request&, const http::PathParameters&) {
    const auto due = context.raisings.bring_forward();
    return due ? http::json(200, {{"due", *due}}) : error_response(due.error());
}

}  // namespace server::api::admin

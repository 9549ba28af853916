#include <charconv>
#include <limits>

#include <boost/json.hpp>

#include "server/api/approve/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/names.h"
#include "server/http/form.h"

namespace server::api::approve {
namespace {

cloudsign::Result<std::int64_t> read_before(const http::Request& request) {
    const auto form = http::Form::parse(request.query);
    const auto text = form ? form->find("before") : std::nullopt;
    std::int64_t before = std::numeric_limits<std::int64_t>::max();
    if (form && !text) {
        return before;
    }
    if (!text ||
        std::from_chars(text->data(), text->data() + text->size(), before).ptr !=
            text->data() + text->size() ||
        text->empty() || before < 0) {
        return cloudsign::Error{cloudsign::ErrorKind::invalid, "before must be milliseconds"};
    }
    return before;
}

}  // namespace

// Every use of the person's key that this server knows of, and what they refused; each one's
// receipts are in what `show` answers. That none is missing only an audit of the modules says.
http::Outcome history(Context& context, const http::Request& request, const http::PathParameters&) {
    const auto before = read_before(request);
    if (!before) {
        return error_response(before.error());
    }
    const auto found = context.approvals.history(*request.principal->device, *before);
    if (!found) {
        return error_response(found.error());
    }
    boost::json::array items;
    for (const auto& one : *found) {
        items.push_back({{"id", one.id},
                         {"purpose", purpose_name(one.purpose)},
                         {"state", cloudsign::transaction::name(one.state)},
                         {"requester", one.portal},
                         {"documents", one.documents.size()},
                         {"created_at", one.created_at}});
    }
    return http::json(200, {{"items", std::move(items)}});
}

}  // namespace server::api::approve

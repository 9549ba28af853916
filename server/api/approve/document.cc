#include <charconv>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/store/enclosure_table.h"
#include "server/api/approve/endpoints.h"
#include "server/api/csc/document_signature.h"
#include "server/api/error_response.h"
#include "server/http/form.h"

namespace server::api::approve {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::store::Enclosure;

std::optional<std::uint32_t> read_position(const http::Request& request) {
    const auto form = http::Form::parse(request.query);
    const auto text = form ? form->find("position") : std::nullopt;
    std::uint32_t position = 0;
    if (!text || text->empty()) {
        return std::nullopt;
    }
    const auto* end = text->data() + text->size();
    const auto read = std::from_chars(text->data(), end, position);
    return read.ec == std::errc() && read.ptr == end ? std::optional(position) : std::nullopt;
}

// The portal's, or those that we made ourselves for signDoc.
boost::json::value attributes(const cloudsign::store::Transaction& transaction,
                              const Enclosure& enclosure) {
    if (!enclosure.attributes.empty()) {
        return boost::json::string(cloudsign::base64url(enclosure.attributes));
    }
    const auto prepared = csc::prepared_documents(transaction);
    if (enclosure.position < prepared.size()) {
        return boost::json::string(cloudsign::base64url(prepared[enclosure.position].attributes));
    }
    return nullptr;
}

}  // namespace

// A document as the portal supplied it, and what leads from it to the hash that is signed. Nothing
// here is believed: the phone computes both steps.
http::Outcome document(Context& context,
                       const http::Request& request,
                       const http::PathParameters& parameters) {
    const auto position = read_position(request);
    if (!position) {
        return error_response({ErrorKind::invalid, "position must be a number"});
    }
    const auto item =
        context.approvals.item(*request.principal->device, std::string(parameters.id));
    if (!item) {
        return error_response(item.error());
    }
    const auto found = context.database.read([&](cloudsign::store::Session& session) {
        return cloudsign::store::EnclosureTable(session).find(item->transaction.id, *position);
    });
    if (!found || !*found) {
        return error_response(found ? Error{ErrorKind::not_found, "no such document"}
                                    : found.error());
    }
    const Enclosure& enclosure = **found;
    return http::json(200,
                      {{"document", cloudsign::base64url(enclosure.document)},
                       {"signed_attributes", attributes(item->transaction, enclosure)}});
}

}  // namespace server::api::approve

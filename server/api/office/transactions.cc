#include <charconv>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/store/transaction_search.h"
#include "server/api/error_response.h"
#include "server/api/names.h"
#include "server/api/office/act.h"
#include "server/api/office/endpoints.h"
#include "server/api/transaction_json.h"
#include "server/http/form.h"

namespace server::api::office {
namespace {

namespace json = boost::json;
using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::store::TransactionQuery;
using cloudsign::store::TransactionSummary;

constexpr std::uint32_t page_size = 50;

cloudsign::Result<void> read_time(const http::Form& form, std::string_view name, std::int64_t& at) {
    const auto text = form.find(name).value_or("");
    if (text.empty()) {
        return {};
    }
    const auto* end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, at);
    if (fault != std::errc() || stop != end || at < 0) {
        return Error{ErrorKind::invalid, std::string(name) + " must be milliseconds"};
    }
    return {};
}

// ?signer=ID&state=STATE&from=MS&to=MS&before=ID, all optional.
cloudsign::Result<TransactionQuery> read_query(const http::Request& request) {
    const auto form = http::Form::parse(request.query);
    if (!form) {
        return Error{ErrorKind::invalid, "the query must be form-encoded"};
    }
    TransactionQuery query;
    query.approver_id = form->find("signer").value_or("");
    query.before_id = form->find("before").value_or("");
    const auto state = form->find("state").value_or("");
    if (!state.empty()) {
        query.state = cloudsign::transaction::state_named(state);
        if (!query.state) {
            return Error{ErrorKind::invalid, "there is no such state"};
        }
    }
    TRY(read_time(*form, "from", query.from));
    TRY(read_time(*form, "to", query.to));
    return query;
}

json::object summary_json(const TransactionSummary& one) {
    return {{"id", one.id},
            {"purpose", purpose_name(one.purpose)},
            {"state", cloudsign::transaction::name(one.state)},
            {"reason", one.reason},
            {"signer_id", one.approver_id},
            {"credential_id", one.credential_id},
            {"requester", one.portal},
            {"about", one.purpose_text},
            {"created_at", one.created_at}};
}

// Neither codes nor challenges: those are for the phones that are asked.
cloudsign::Result<json::object> shown(Context& context, const std::string& id) {
    TRY_ASSIGN(auto transaction, context.transactions.find(id));
    TRY_ASSIGN(auto written, transaction_json(context, transaction));
    json::array documents;
    for (const auto& document : transaction.documents) {
        documents.push_back(
            json::object{{"label", document.label}, {"hash", cloudsign::base64url(document.hash)}});
    }
    written["reason"] = transaction.reason;
    written["signer_id"] = transaction.approver_id;
    written["credential_id"] = transaction.credential_id;
    written["requester"] = transaction.portal;
    written["about"] = transaction.purpose_text;
    written["created_at"] = transaction.created_at;
    written["documents"] = std::move(documents);
    return written;
}

}  // namespace

http::Outcome list_transactions(Context& context,
                                const http::Request& request,
                                const http::PathParameters&) {
    const auto query = read_query(request);
    if (!query) {
        return error_response(query.error());
    }
    const auto found = context.database.read([&](cloudsign::store::Session& session) {
        return cloudsign::store::search_transactions(session, *query, page_size);
    });
    if (!found) {
        return error_response(found.error());
    }
    json::array list;
    for (const auto& one : *found) {
        list.push_back(summary_json(one));
    }
    json::object body{{"transactions", std::move(list)}};
    if (found->size() == page_size) {
        body["next"] = found->back().id;
    }
    return http::json(200, body);
}

http::Outcome show_transaction(Context& context,
                               const http::Request& request,
                               const http::PathParameters& parameters) {
    const auto body = shown(context, std::string(parameters.id));
    return body ? noted(request, "reads transaction", parameters.id, http::json(200, *body))
                : http::Outcome(error_response(body.error()));
}

}  // namespace server::api::office

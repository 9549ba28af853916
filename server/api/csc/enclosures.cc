#include "server/api/csc/enclosures.h"

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "server/api/csc/algorithm_parameters.h"
#include "server/api/csc/preparation.h"

namespace server::api::csc {
namespace {

namespace json = boost::json;
using cloudsign::Bytes;
using cloudsign::store::Enclosure;
using cloudsign::store::Preparation;
using cloudsign::store::PreparationForm;

// Of all prepared documents of one request, as much as a request can carry itself: each is kept a
// second time while the request is open.
constexpr std::int64_t prepared_size_max = 1024 * 1024;

// The base64 member of a document; none when it is absent.
Checked<std::optional<Bytes>> read_enclosed(const json::object& document, std::string_view name) {
    const auto* value = document.if_contains(name);
    if (value == nullptr) {
        return std::optional<Bytes>();
    }
    auto bytes = value->is_string() ? cloudsign::from_base64(value->get_string()) : std::nullopt;
    if (!bytes || bytes->empty()) {
        return wrong_parameter("documents");
    }
    return bytes;
}

// None when there is none.
Checked<std::optional<Enclosure>> read_sent(const json::object& item, std::uint32_t position) {
    TRY_ASSIGN(auto document, read_enclosed(item, "document"));
    TRY_ASSIGN(auto attributes, read_enclosed(item, "signed_attributes"));
    if (!document && attributes) {
        return wrong_parameter("documents");
    }
    if (!document) {
        return std::optional<Enclosure>();
    }
    return std::optional<Enclosure>(
        {"", position, *std::move(document), attributes.value_or(Bytes())});
}

Checked<Preparation> find_prepared(Context& context,
                                   const Principal& principal,
                                   const json::object& item,
                                   const std::string& credential_id,
                                   const Bytes& hash) {
    const auto* id = item.at("preparedID").if_string();
    if (id == nullptr) {
        return wrong_parameter("preparedID");
    }
    if (item.contains("document") || item.contains("signed_attributes")) {
        return invalid("documents: name a preparedID or send a document, not both");
    }
    TRY_ASSIGN(auto found, find_preparation(context, principal, std::string(*id), credential_id));
    if (!found.answer.empty()) {
        return invalid("documents: what preparedID stands for is signed already");
    }
    if (found.hash != hash) {
        return invalid(
            "documents: preparedID belongs to another hash: send the one that documents/prepare "
            "has answered with it, at the same place");
    }
    return found;
}

}  // namespace

Checked<Enclosures> Enclosures::read(Context& context,
                                     const Principal& principal,
                                     const Parameters& parameters,
                                     const std::string& credential_id,
                                     const std::vector<Bytes>& hashes) {
    Enclosures enclosures;
    const auto* documents = parameters.find("documents");
    if (documents == nullptr || documents->is_null()) {
        return enclosures;
    }
    std::int64_t left = prepared_size_max;
    for (std::uint32_t position = 0; position < hashes.size(); ++position) {
        const auto& item = documents->get_array().at(position).get_object();
        if (!item.contains("preparedID")) {
            TRY_ASSIGN(auto sent, read_sent(item, position));
            if (sent) {
                enclosures.sent_.push_back(*std::move(sent));
            }
            continue;
        }
        TRY_ASSIGN(const auto prepared,
                   find_prepared(context, principal, item, credential_id, hashes[position]));
        enclosures.has_prepared_ = true;
        if (prepared.form == PreparationForm::pdf && prepared.size <= left) {
            left -= prepared.size;
            enclosures.prepared_.push_back({position, prepared.id});
        }
    }
    return enclosures;
}

cloudsign::Result<void> Enclosures::insert(cloudsign::store::Session& session,
                                           const std::string& transaction_id) const {
    cloudsign::store::EnclosureTable table(session);
    for (auto one : sent_) {
        one.transaction_id = transaction_id;
        TRY(table.insert(one));
    }
    for (const auto& one : prepared_) {
        TRY(table.insert_prepared(transaction_id, one.position, one.id));
    }
    return {};
}

}  // namespace server::api::csc

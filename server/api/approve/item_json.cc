#include "server/api/approve/item_json.h"

#include <boost/json.hpp>

#include "cloudsign/approval/rebind_payload.h"
#include "cloudsign/base64.h"
#include "cloudsign/credential/issuance_payload.h"
#include "server/api/names.h"

namespace server::api::approve {
namespace {

namespace json = boost::json;
using cloudsign::base64url;
using hsm::protocol::Purpose;

json::array documents(const cloudsign::store::Transaction& transaction) {
    json::array documents;
    for (const auto& document : transaction.documents) {
        documents.push_back(
            json::object{{"hash", base64url(document.hash)}, {"label", document.label}});
    }
    return documents;
}

json::object activation(const hsm::protocol::ChallengePreimage& preimage) {
    return {{"module_id", base64url(preimage.module_id)},
            {"boot_counter", preimage.boot_counter},
            {"sequence", preimage.sequence},
            {"expiry_tick_ms", preimage.expiry_tick_ms},
            {"random", base64url(preimage.random)},
            {"key_id", base64url(preimage.key_id)},
            {"blob_version", preimage.blob_version},
            {"policy_hash", base64url(preimage.policy_hash)},
            {"leaf_count", preimage.leaf_count},
            {"root", base64url(preimage.root)},
            {"context_hash", base64url(preimage.context_hash)}};
}

cloudsign::Result<json::object> statement(const std::string& payload) {
    TRY_ASSIGN(auto bytes, cloudsign::credential::read_binding(payload));
    const auto statement = hsm::protocol::decode_tagged<hsm::protocol::BindStatement>(bytes);
    if (!statement) {
        return cloudsign::Error{cloudsign::ErrorKind::internal, "bind statement"};
    }
    return json::object{{"kind", static_cast<unsigned>(statement->kind)},
                        {"key_id", base64url(statement->key_id)},
                        {"policy", base64url(statement->policy)}};
}

cloudsign::Result<json::object> new_phone(const std::string& payload) {
    TRY_ASSIGN(auto rebind, cloudsign::approval::read_rebind(payload));
    return json::object{{"public_key", base64url(rebind.key.point)},
                        {"backup_eligible", rebind.key.backup_eligible},
                        {"name", rebind.name}};
}

cloudsign::Result<json::array> certificates(const std::string& payload) {
    TRY_ASSIGN(auto entries, cloudsign::credential::read_issuance(payload));
    json::array certificates;
    for (const auto& entry : entries) {
        certificates.push_back(
            json::object{{"credential_id", entry.credential_id}, {"tbs", base64url(entry.tbs)}});
    }
    return certificates;
}

}  // namespace

cloudsign::Result<json::object> to_json(const cloudsign::approval::PendingItem& item) {
    const auto& transaction = item.transaction;
    // A number that the signer is to type is on another screen, and nowhere on this one.
    const bool typed = cloudsign::transaction::is_code_typed(transaction);
    json::array thumbprints;
    for (const auto& thumbprint : item.thumbprints) {
        thumbprints.push_back(json::string(base64url(thumbprint)));
    }
    json::object object{{"id", transaction.id},
                        {"purpose", purpose_name(transaction.purpose)},
                        {"state", cloudsign::transaction::name(transaction.state)},
                        {"reason", transaction.reason},
                        {"requester", transaction.portal},
                        {"purpose_text", transaction.purpose_text},
                        {"code", typed ? "" : transaction.code},
                        {"code_typed", typed},
                        {"language", transaction.language},
                        {"created_at", transaction.created_at},
                        {"expires_at", transaction.answer_by},
                        {"rp_id", item.rp_id},
                        {"origin", item.origin},
                        {"algorithm",
                         {{"scheme", scheme_name(transaction.algorithm.scheme)},
                          {"digest", digest_name(transaction.algorithm.digest)},
                          {"salt_length", transaction.algorithm.salt_length}}},
                        {"documents", documents(transaction)},
                        {"credential",
                         {{"id", item.credential->id},
                          {"subject", item.subject},
                          {"key_id", base64url(item.activation.key_id)}}},
                        {"thumbprints", std::move(thumbprints)},
                        {"activation", activation(item.activation)}};
    if (!item.requester_verified_as.empty()) {
        object["requester_verified_as"] = item.requester_verified_as;
    }
    if (transaction.purpose == Purpose::bind) {
        TRY_ASSIGN(auto bound, statement(transaction.payload));
        object["statement"] = std::move(bound);
    }
    if (transaction.purpose == Purpose::rebind) {
        TRY_ASSIGN(auto successor, new_phone(transaction.payload));
        object["new_phone"] = std::move(successor);
    }
    if (transaction.purpose == Purpose::issue) {
        TRY_ASSIGN(auto issued, certificates(transaction.payload));
        object["certificates"] = std::move(issued);
    }
    return object;
}

}  // namespace server::api::approve

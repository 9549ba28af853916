#include "tests/unit/hsm/softphone/approve_server.h"

#include "hsm/openssl/digest.h"
#include "hsm/softphone/approver.h"
#include "tests/unit/hsm/softphone/good_item.h"

namespace hsm::softphone::testing {

namespace json = boost::json;

namespace {

ServerResponse answer(unsigned status, const json::value& body) {
    return {status, json::serialize(body), ""};
}

ServerResponse error(unsigned status, const char* word, const char* description) {
    return answer(status, json::object{{"error", word}, {"error_description", description}});
}

}  // namespace

ApproveServer::ApproveServer()
    : server_(std::make_unique<TlsServer>(
          [this](const ServerRequest& request) { return handle(request); })) {}

void ApproveServer::add(const json::object& item) {
    const std::lock_guard lock(mutex_);
    items_.push_back(item);
}

void ApproveServer::hide_until(unsigned fetches) {
    const std::lock_guard lock(mutex_);
    hidden_fetches_ = fetches;
}

void ApproveServer::tamper_binding(std::function<void(json::object&)> change) {
    const std::lock_guard lock(mutex_);
    change_ = std::move(change);
}

void ApproveServer::break_next_enrolment() {
    const std::lock_guard lock(mutex_);
    break_enrolment_ = true;
}

std::vector<ApproveServer::Answer> ApproveServer::answers() {
    const std::lock_guard lock(mutex_);
    return answers_;
}

protocol::Point ApproveServer::enrolled_point() {
    const std::lock_guard lock(mutex_);
    return point_;
}

ServerResponse ApproveServer::handle(const ServerRequest& request) {
    const std::lock_guard lock(mutex_);
    if (request.target == "/approve/v1/enrolments") {
        return enrol(request);
    }
    const auto bearer = request.headers.find("authorization");
    if (bearer == request.headers.end() || bearer->second != std::string("Bearer ") + session) {
        return error(401, "invalid_token", "no such device");
    }
    return request.target == "/approve/v1/pending" ? pending() : transaction(request);
}

ServerResponse ApproveServer::enrol(const ServerRequest& request) {
    const auto body = json::parse(request.body);
    if (request.method != "POST" || body.at("invitation").as_string() != invitation) {
        return error(404, "not_found", "the invitation is unknown, used or expired");
    }
    if (break_enrolment_) {
        break_enrolment_ = false;
        return error(503, "unavailable", "no module answers");
    }
    const auto point = from_base64url(body.at("public_key").as_string());
    CHECK(point && point->size() == point_.size());
    std::ranges::copy(*point, point_.begin());
    auto item = binding_item(policy_for(&point_, subject, server_->origin()),
                             protocol::KeyKind::person,
                             subject,
                             protocol::thumbprint(point_, sha256),
                             now_ms() + 600'000);
    if (change_) {
        change_(item);
    }
    items_ = {item};
    return answer(200,
                  json::object{{"device_id", "dev_1"},
                               {"session", session},
                               {"credential_id", "cred_0001"},
                               {"transaction_id", "tx_0001"}});
}

ServerResponse ApproveServer::pending() {
    json::array items;
    if (hidden_fetches_ > 0) {
        --hidden_fetches_;
    } else {
        for (const auto& item : items_) {
            if (item.at("state").as_string() == "notified") {
                items.push_back(item);
            }
        }
    }
    return answer(200, json::object{{"items", items}});
}

ServerResponse ApproveServer::transaction(const ServerRequest& request) {
    constexpr std::string_view base = "/approve/v1/transactions/";
    const std::string rest =
        request.target.starts_with(base) ? request.target.substr(base.size()) : "";
    const auto id = rest.substr(0, rest.find('/'));
    const auto action = rest.size() > id.size() ? rest.substr(id.size() + 1) : "";
    for (auto& item : items_) {
        if (item.at("id").as_string() != id) {
            continue;
        }
        if (action.empty()) {
            return answer(200, item);
        }
        const char* state = action == "approve"  ? "approved"
                            : action == "reject" ? "rejected"
                                                 : "not_mine";
        answers_.push_back({id, action, json::parse(request.body)});
        item["state"] = state;
        return answer(200, json::object{{"state", state}});
    }
    return error(404, "not_found", "no such transaction");
}

}  // namespace hsm::softphone::testing

#include <algorithm>
#include <spdlog/spdlog.h>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/credential/passkey_point.h"
#include "server/api/approve/endpoints.h"
#include "server/api/approve/item_json.h"
#include "server/api/approve/sent_assertion.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::approve {
namespace {

namespace json = boost::json;
using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::Result;
using cloudsign::credential::MoveMark;

Result<cloudsign::credential::NewPhone> read_new_phone(const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    cloudsign::credential::NewPhone phone;
    TRY_ASSIGN(auto point, bytes_member(body, "public_key", hsm::protocol::point_size));
    TRY_ASSIGN(phone.key.point, cloudsign::credential::read_point(point));
    TRY_ASSIGN(phone.key.backup_eligible, bool_member(body, "backup_eligible"));
    TRY_ASSIGN(phone.name, text_member(body, "device_name", 255));
    phone.peer = request.peer;
    return phone;
}

// {"thumbprint": …} as the code is read by a camera, or {"short_code": …} as people type it.
Result<MoveMark> read_mark(const http::Request& request) {
    constexpr std::size_t code_max = 14;
    TRY_ASSIGN(auto body, read_json(request));
    if (body.if_contains("thumbprint") == nullptr) {
        TRY_ASSIGN(auto code, text_member(body, "short_code", code_max));
        return MoveMark(std::move(code));
    }
    TRY_ASSIGN(const auto thumbprint, digest_member(body, "thumbprint"));
    return MoveMark(thumbprint);
}

Result<json::array> to_json(const std::vector<cloudsign::approval::PendingItem>& items) {
    json::array array;
    for (const auto& item : items) {
        TRY_ASSIGN(auto object, approve::to_json(item));
        array.push_back(std::move(object));
    }
    return array;
}

Result<json::object> show(Context& context, const cloudsign::store::PhoneMove& move) {
    TRY_ASSIGN(const auto progress, context.moves.progress(move));
    TRY_ASSIGN(auto items, to_json(progress.items));
    return json::object{{"state", cloudsign::credential::name(progress.state)},
                        {"expires_at", move.expires_at},
                        {"items", std::move(items)}};
}

http::Outcome answer(Result<json::object> object) {
    return object ? http::json(200, *std::move(object)) : error_response(object.error());
}

Result<json::object> take(Context& context, const http::Request& request) {
    TRY_ASSIGN(const auto mark, read_mark(request));
    const auto& device = *request.principal->device;
    TRY_ASSIGN(const auto taken, context.moves.take(device, mark));
    spdlog::warn("security: a change of phones is begun, signer {}, on {}, from {}",
                 device.owner_id,
                 device.id,
                 request.peer);
    TRY_ASSIGN(auto items, to_json(taken.items));
    return json::object{{"items", std::move(items)}};
}

Result<json::object> approve_own(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(const auto id, text_member(body, "transaction_id", 128));
    TRY_ASSIGN(const auto sent, read_assertion(body));
    const auto& move = *request.principal->move;
    TRY(context.moves.approve(move, id, sent));
    return show(context, move);
}

Result<json::object> reject_own(Context& context, const http::Request& request) {
    const auto& move = *request.principal->move;
    TRY(context.moves.reject(move));
    return show(context, move);
}

}  // namespace

// No authentication: whose phone it is the old one will say, and what it gets until then is a place
// to wait.
http::Outcome announce(Context& context,
                       const http::Request& request,
                       const http::PathParameters&) {
    const auto phone = read_new_phone(request);
    if (!phone) {
        return error_response(phone.error());
    }
    const auto announced = context.moves.announce(*phone);
    if (!announced) {
        return error_response(announced.error());
    }
    return http::json(
        200, {{"session", announced->session}, {"expires_at", announced->move.expires_at}});
}

http::Outcome move_progress(Context& context,
                            const http::Request& request,
                            const http::PathParameters&) {
    return answer(show(context, *request.principal->move));
}

http::Outcome move_approve(Context& context,
                           const http::Request& request,
                           const http::PathParameters&) {
    return answer(approve_own(context, request));
}

http::Outcome move_reject(Context& context,
                          const http::Request& request,
                          const http::PathParameters&) {
    return answer(reject_own(context, request));
}

http::Outcome take_move(Context& context,
                        const http::Request& request,
                        const http::PathParameters&) {
    return answer(take(context, request));
}

}  // namespace server::api::approve

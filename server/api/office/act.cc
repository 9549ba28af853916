#include "server/api/office/act.h"

#include "server/api/security_log.h"

namespace server::api::office {

const cloudsign::store::OfficeUser& user_of(const http::Request& request) {
    return *request.principal->office_user;
}

http::Outcome noted(const http::Request& request,
                    std::string_view act,
                    std::string_view about,
                    http::Outcome outcome) {
    const auto* response = std::get_if<http::Response>(&outcome);
    if (response != nullptr && response->status < 300) {
        log_office_act(user_of(request).id, act, about, request.peer);
    }
    return outcome;
}

}  // namespace server::api::office

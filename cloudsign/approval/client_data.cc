#include "cloudsign/approval/client_data.h"

#include "cloudsign/base64.h"

namespace cloudsign::approval {

Result<void> check_client_data(hsm::ByteView client_data,
                               std::string_view type,
                               std::string_view origin,
                               const hsm::Digest& challenge) {
    std::string prefix = R"({"type":")" + std::string(type) + R"(","challenge":")";
    prefix += base64url(challenge);
    prefix += R"(","origin":")";
    prefix += origin;
    prefix += R"(","crossOrigin":false)";
    const auto text = hsm::text_of(client_data);
    if (!text.starts_with(prefix)) {
        return Error{ErrorKind::assertion_refused,
                     "clientDataJSON is not an answer to this request at " + std::string(origin)};
    }
    const auto rest = text.substr(prefix.size());
    if (rest.empty() || (rest.front() != '}' && rest.front() != ',') || rest.back() != '}') {
        return Error{ErrorKind::assertion_refused, "clientDataJSON does not end as WebAuthn says"};
    }
    return {};
}

}  // namespace cloudsign::approval

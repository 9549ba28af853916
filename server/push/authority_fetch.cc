#include "server/push/authority_fetch.h"

namespace server::push {

using cloudsign::Bytes;
using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::evidence::FetchRequest;

cloudsign::evidence::Fetch authority_fetch(OutboundHttp& http, std::string ca_file) {
    return [&http,
            ca_file = std::move(ca_file)](const FetchRequest& wanted) -> cloudsign::Result<Bytes> {
        OutboundRequest request;
        request.url = wanted.url;
        request.ca_file = ca_file;
        request.deadline = wanted.deadline;
        request.answer_max = wanted.answer_max;
        request.private_addresses = true;
        request.plain_http = true;
        // Said too, since no connection is used twice: a CMP server may take it for the end of the
        // transaction when one that it keeps breaks off (OpenSSL's does).
        request.headers = {"Connection: close"};
        if (wanted.body.empty()) {
            request.method = OutboundMethod::get;
        } else {
            request.headers.push_back("Content-Type: " + wanted.content_type);
            request.body = std::string(hsm::text_of(wanted.body));
        }
        const auto answer = http.call(std::move(request));
        if (!answer) {
            return Error{ErrorKind::unavailable, answer.error()};
        }
        constexpr unsigned ok = 200;
        constexpr unsigned not_found = 404;
        if (answer->status != ok) {
            return Error{
                answer->status == not_found ? ErrorKind::not_found : ErrorKind::unavailable,
                "HTTP " + std::to_string(answer->status)};
        }
        return cloudsign::bytes_of(hsm::view_of(answer->body));
    };
}

}  // namespace server::push

#include "server/push/est_transport.h"

#include <algorithm>

namespace server::push {

using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::external_ca::EstCall;
using cloudsign::external_ca::EstReply;
using cloudsign::external_ca::EstTransport;

EstTransport est_transport(OutboundHttp& http, EstTlsFiles files) {
    return [&http, files = std::move(files)](const EstCall& call) -> cloudsign::Result<EstReply> {
        OutboundRequest request;
        request.url = call.url;
        request.ca_file = files.ca_file;
        request.client_certificate = files.client_certificate;
        request.client_key = files.client_key;
        request.deadline = call.deadline;
        request.answer_max = call.reply_max;
        request.private_addresses = true;
        if (!call.authorization.empty()) {
            request.headers.push_back("Authorization: " + call.authorization);
        }
        if (call.body.empty()) {
            request.method = OutboundMethod::get;
        } else {
            request.headers.push_back("Content-Type: " + call.content_type);
            request.body = call.body;
        }
        auto answer = http.call(std::move(request));
        if (!answer) {
            return Error{ErrorKind::unavailable, answer.error()};
        }
        // Of a date that is over, libcurl counts backwards.
        const auto retry_after_s = std::max<std::int64_t>(answer->retry_after_s, 0);
        return EstReply{answer->status, retry_after_s, std::move(answer->body)};
    };
}

}  // namespace server::push

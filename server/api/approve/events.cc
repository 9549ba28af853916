#include "server/api/approve/endpoints.h"
#include "server/api/error_response.h"

namespace server::api::approve {
namespace {

// By then the session is looked at again: a phone that was taken off hears nothing for longer.
constexpr std::chrono::minutes stream_life{10};

}  // namespace

// Says no more than that it is worth looking at the inbox again.
http::Outcome events(Context& context, const http::Request& request, const http::PathParameters&) {
    auto signal = context.inboxes.enter(*request.principal->device);
    if (!signal) {
        return error_response(signal.error());
    }
    http::EventStream stream;
    stream.signal = *std::move(signal);
    stream.event = "event: inbox\ndata: changed\n\n";
    stream.until = std::chrono::steady_clock::now() + stream_life;
    return stream;
}

}  // namespace server::api::approve

#include <fstream>

#include <boost/json.hpp>

#include "cloudsign/store/setting_table.h"
#include "hsm/openssl/digest.h"
#include "server/api/error_response.h"
#include "server/api/observe/endpoints.h"
#include "server/app/metrics.h"

namespace server::api::observe {
namespace {

// Read each time, so that another takes effect by being put there.
bool holds(const std::filesystem::path& file, std::string_view presented) {
    constexpr std::size_t size_min = 32;
    std::ifstream in(file);
    std::string token;
    // Hashed, so that the time tells nothing of its length either.
    return std::getline(in, token) && token.size() >= size_min &&
           hsm::equal_constant_time(hsm::openssl::sha256(token), hsm::openssl::sha256(presented));
}

}  // namespace

http::Outcome health(Context& context, const http::Request&, const http::PathParameters&) {
    const bool database = !context.database.counters().failing &&
                          context.database
                              .read([](cloudsign::store::Session& session) {
                                  return cloudsign::store::SettingTable(session).get("health");
                              })
                              .has_value();
    // As the housekeeper found them, a second ago: a module that hangs must not hang this.
    const auto operational = context.metrics.modules_operational();
    const bool good = database && operational > 0;
    return http::json(good ? 200 : 503,
                      {{"status", good ? "ok" : "unavailable"},
                       {"database", database},
                       {"modules_operational", operational}});
}

http::Outcome metrics(Context& context,
                      const http::Request& request,
                      const http::PathParameters& parameters) {
    const auto token = request.bearer();
    if (!token || !holds(context.metrics_token, *token)) {
        return error_response(
                   {cloudsign::ErrorKind::unauthenticated, "send the token of [metrics]"})
            .with("WWW-Authenticate", "Bearer");
    }
    return local_metrics(context, request, parameters);
}

http::Outcome local_metrics(Context& context, const http::Request&, const http::PathParameters&) {
    http::Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = context.metrics.text();
    return response;
}

}  // namespace server::api::observe

#include <boost/json.hpp>

#include "cloudsign/store/setting_table.h"
#include "server/api/observe/endpoints.h"
#include "server/app/metrics.h"

namespace server::api::observe {

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

http::Outcome metrics(Context& context, const http::Request&, const http::PathParameters&) {
    http::Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = context.metrics.text();
    return response;
}

}  // namespace server::api::observe

#include <array>

#include <boost/json.hpp>

#include "cloudsign/hex.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"
#include "server/api/names.h"
#include "server/api/office/act.h"
#include "server/api/office/endpoints.h"
#include "server/app/audit_keeper.h"
#include "server/app/metrics.h"

namespace server::api::office {
namespace {

namespace json = boost::json;
using cloudsign::audit::Verdict;
using hsm::protocol::RecordType;

// By number, from 1 (PROTOCOL.md "Audit log").
constexpr std::array<std::string_view, 17> record_names = {"started",
                                                           "provisioned",
                                                           "key_generated",
                                                           "key_bound",
                                                           "rebind_prepared",
                                                           "key_rebound",
                                                           "key_revoked",
                                                           "signed",
                                                           "log_released",
                                                           "update_approved",
                                                           "ceremony_finished",
                                                           "group_changed",
                                                           "epoch_closed",
                                                           "table_taken",
                                                           "zeroise_approved",
                                                           "service_signed",
                                                           "revocation_approved"};

std::string_view record_name(RecordType type) {
    return record_names.at(static_cast<std::size_t>(type) - 1);
}

std::string_view verdict_name(Verdict verdict) {
    return verdict == Verdict::complete   ? "complete"
           : verdict == Verdict::unproven ? "unproven"
                                          : "broken";
}

json::object log_json(const app::CheckedLog& log) {
    json::array entries;
    for (const auto& entry : log.last) {
        entries.push_back(json::object{{"index", entry.index},
                                       {"type", record_name(entry.type)},
                                       {"host_time", entry.host_time}});
    }
    return {{"module_id", cloudsign::hex(log.verdict.module_id)},
            {"verdict", verdict_name(log.verdict.verdict)},
            {"records", log.verdict.records},
            {"signatures", log.verdict.signatures},
            {"class", class_name(log.verdict.assurance_class)},
            {"root", log.verdict.root_subject},
            {"detail", log.verdict.detail},
            {"entries", std::move(entries)}};
}

}  // namespace

// What the modules say of themselves at this moment.
http::Outcome audit(Context& context, const http::Request&, const http::PathParameters&) {
    json::array modules;
    for (const auto& member : context.modules.members()) {
        modules.push_back(json::object{{"module_id", cloudsign::hex(member.module_id)},
                                       {"state", state_name(member.state)},
                                       {"class", class_name(member.assurance_class)},
                                       {"firmware_hash", cloudsign::hex(member.firmware_hash)},
                                       {"log_first", member.first_log_index},
                                       {"log_next", member.next_log_index},
                                       {"log_fill_percent", member.log_fill_percent}});
    }
    return http::json(
        200,
        {{"modules", std::move(modules)}, {"configured", context.metrics.modules_configured()}});
}

// Their whole logs, up to heads that they sign for this request.
http::Outcome check_audit(Context& context,
                          const http::Request& request,
                          const http::PathParameters&) {
    if (const auto body = read_json(request); !body) {
        return error_response(body.error());
    }
    const auto checked = context.audit.check();
    if (!checked) {
        return error_response(checked.error());
    }
    json::array logs;
    for (const auto& log : checked->logs) {
        logs.push_back(log_json(log));
    }
    return noted(request,
                 "checks the audit:",
                 verdict_name(checked->verdict),
                 http::json(200,
                            {{"verdict", verdict_name(checked->verdict)},
                             {"detail", checked->detail},
                             {"logs", std::move(logs)}}));
}

}  // namespace server::api::office

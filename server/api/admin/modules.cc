#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/credential/resealing.h"
#include "cloudsign/hex.h"
#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"
#include "server/api/names.h"
#include "server/app/audit_keeper.h"
#include "server/app/metrics.h"

namespace server::api::admin {
namespace {

cloudsign::Result<hsm::protocol::Nonce> read_challenge(const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto bytes, bytes_member(body, "challenge", hsm::protocol::nonce_size));
    hsm::protocol::Nonce challenge{};
    if (bytes.size() != challenge.size()) {
        return cloudsign::Error{cloudsign::ErrorKind::invalid, "challenge must be 32 bytes"};
    }
    std::ranges::copy(bytes, challenge.begin());
    return challenge;
}

// Those that have passed, each with its tick in milliseconds.
boost::json::object passed_self_tests(const cloudsign::ModuleInfo& member) {
    boost::json::object passed;
    for (std::size_t i = 0; i < member.self_tests.size(); ++i) {
        const auto test = static_cast<hsm::protocol::SelfTest>(i + 1);
        if (member.self_tests[i] != 0) {
            passed[self_test_name(test)] = member.self_tests[i];
        }
    }
    return passed;
}

}  // namespace

// Each member's self-tests, now, then what it says of itself; one that fails says which test it
// was.
http::Outcome self_test(Context& context,
                        const http::Request& request,
                        const http::PathParameters& parameters) {
    if (const auto body = read_json(request); !body) {
        return error_response(body.error());
    }
    for (const auto& member : context.modules.members()) {
        (void)context.modules.self_test(member.module_id);
    }
    return modules(context, request, parameters);
}

// Under which KEK the keys are sealed, by a look at each: before an epoch is closed.
http::Outcome keys(Context& context, const http::Request&, const http::PathParameters&) {
    const auto epoch = cloudsign::credential::agreed_epoch(context.modules.members(),
                                                           context.metrics.modules_configured());
    if (epoch == 0) {
        return error_response(
            cloudsign::Error{cloudsign::ErrorKind::conflict,
                             "not every module answers, or they are not of one epoch"});
    }
    const auto sealed = cloudsign::credential::count_sealed(context.database, epoch);
    if (!sealed) {
        return error_response(sealed.error());
    }
    return http::json(200,
                      {{"epoch", epoch},
                       {"keys", sealed->keys},
                       {"older", sealed->older},
                       {"settled", sealed->is_settled}});
}

http::Outcome modules(Context& context, const http::Request&, const http::PathParameters&) {
    boost::json::array modules;
    for (const auto& member : context.modules.members()) {
        modules.push_back(
            {{"module_id", cloudsign::hex(member.module_id)},
             {"state", state_name(member.state)},
             {"class", class_name(member.assurance_class)},
             {"engine", member.engine},
             {"own_uid", member.separated},
             {"firmware_hash", cloudsign::hex(member.firmware_hash)},
             {"boot_counter", member.boot_counter},
             {"epoch", member.epoch},
             {"log_first", member.first_log_index},
             {"log_next", member.next_log_index},
             {"log_fill_percent", member.log_fill_percent},
             {"self_tests", passed_self_tests(member)},
             {"failed_self_test",
              member.failed_self_test.empty() ? boost::json::value()
                                              : boost::json::value(member.failed_self_test)},
             {"self_test_failed_at", member.self_test_failed_at},
             {"device_certificate", cloudsign::base64url(member.device_certificate)}});
    }
    return http::json(
        200,
        {{"modules", std::move(modules)}, {"configured", context.metrics.modules_configured()}});
}

// Brings every module's exported log up to date, appends a head over the auditor's challenge, and
// answers where the files are.
http::Outcome audit(Context& context, const http::Request& request, const http::PathParameters&) {
    const auto challenge = read_challenge(request);
    if (!challenge) {
        return error_response(challenge.error());
    }
    const auto files = context.audit.export_with_heads(*challenge);
    if (!files) {
        return error_response(files.error());
    }
    boost::json::array paths;
    for (const auto& file : *files) {
        paths.push_back(boost::json::string(file.string()));
    }
    return http::json(
        200, {{"files", std::move(paths)}, {"configured", context.metrics.modules_configured()}});
}

}  // namespace server::api::admin

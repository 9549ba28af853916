#include "server/cli/ceremony_module.h"

#include <iostream>

#include <boost/json.hpp>

namespace server::cli {

namespace json = boost::json;
namespace wire = hsm::protocol;
using hsm::ByteView;
using hsm::client::Session;
using hsm::custodian::FileFields;
using hsm::custodian::FileKind;

Outcome<Session> connect(const std::string& module, const std::string& psk_file) {
    const auto endpoint = hsm::client::parse_endpoint(module);
    if (!endpoint) {
        return usage_failure("\"" + module + "\" is no address of a module");
    }
    const auto psk = hsm::client::load_psk(psk_file);
    if (!psk) {
        return usage_failure(psk_file + ": is no operator's PSK file");
    }
    auto session = Session::connect(*endpoint, *psk, hsm::client::after(ceremony_patience));
    if (!session) {
        return refused("the module cannot be reached", session.error());
    }
    return *std::move(session);
}

Failure refused(std::string_view what, hsm::Status status) {
    return {std::string(what) + ": " + std::string(hsm::base::status_name(status))};
}

std::uint64_t host_time_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

std::string_view state_name(wire::State state) {
    static constexpr std::string_view names[] = {
        "blank", "provisioned", "locked", "operational", "failed", "tampered"};
    return names[static_cast<std::size_t>(state) - 1];
}

Outcome<wire::GroupConfiguration> group_in(const FileFields& fields,
                                           std::string_view field,
                                           const std::string& file) {
    const auto group = wire::decode_tagged<wire::GroupConfiguration>(fields.find(field)->second);
    if (!group) {
        return usage_failure(file + ": holds no group configuration");
    }
    return *group;
}

Outcome<CustodianSignatures> read_signatures(FileKind kind,
                                             const std::vector<std::string>& names,
                                             const wire::GroupConfiguration& group,
                                             CeremonyFiles& files) {
    std::vector<ByteView> beside(group.custodians.size());
    for (const auto& name : names) {
        TRY_ASSIGN(auto fields, read_fields(kind, name));
        files.push_back(std::move(fields));
        const auto& custodian = files.back().at("custodian");
        const auto found = std::ranges::find_if(group.custodians, [&](const wire::Point& point) {
            return hsm::equal(point, custodian);
        });
        if (found == group.custodians.end()) {
            return usage_failure(name + ": is by none of the group's custodians");
        }
        beside[static_cast<std::size_t>(found - group.custodians.begin())] =
            files.back().at("signature");
    }
    CustodianSignatures signatures;
    for (const auto signature : beside) {
        CHECK(signatures.push_back(signature));
    }
    return signatures;
}

Outcome<wire::Assertions> read_approvals(const std::vector<std::string>& names,
                                         CeremonyFiles& files) {
    wire::Assertions assertions;
    for (const auto& name : names) {
        TRY_ASSIGN(auto fields, read_fields(FileKind::assertion, name));
        files.push_back(std::move(fields));
        if (!assertions.push_back(files.back().at("assertion"))) {
            return usage_failure("more approvals than officers");
        }
    }
    return assertions;
}

int done(const CeremonyOptions& options, const json::object& object, std::string_view text) {
    std::cout << (options.form == Form::json ? json::serialize(object) : std::string(text)) << "\n";
    return exit_done;
}

int written(const CeremonyOptions& options, std::string_view what) {
    return done(options, {{"out", options.out}}, std::string(what) + " in " + options.out);
}

}  // namespace server::cli

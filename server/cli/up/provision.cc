#include <algorithm>

#include "hsm/cli/first_start.h"
#include "hsm/softphone/phone_store.h"
#include "server/cli/up/first_use.h"
#include "server/cli/up/module_session.h"
#include "server/cli/up/settings.h"

namespace server::cli::up {
namespace {

using hsm::Byte;
using hsm::client::Session;
using hsm::softphone::PhoneStore;

hsm::cli::ApproveAsOfficer approve_with(PhoneStore& phone) {
    return [&phone](std::size_t, const hsm::Digest& challenge) -> hsm::Result<std::vector<Byte>> {
        const auto assertion = phone.assert_challenge(challenge);
        if (!assertion) {
            return hsm::Status::io_failed;
        }
        std::array<Byte, hsm::protocol::assertion_size_max> buffer;
        TRY_ASSIGN(auto encoded, hsm::protocol::encode_assertion(assertion->view(), buffer));
        return std::vector<Byte>(encoded.begin(), encoded.end());
    };
}

}  // namespace

Outcome<void> provision(const DataFolder& folder, const Plan& plan) {
    std::vector<Session> sessions;
    for (unsigned number = 1; number <= plan.modules; ++number) {
        TRY_ASSIGN(auto session, connect_operator(folder, number));
        sessions.push_back(std::move(session));
    }
    std::vector<Session*> modules;
    std::ranges::transform(
        sessions, std::back_inserter(modules), [](Session& session) { return &session; });

    TRY_ASSIGN(auto phone, outcome_of(PhoneStore::open(folder.officer_phone())));
    const auto custodian = hsm::cli::P256Key::load_or_make(folder.ceremony() / "custodian-key.pem");
    const auto root = hsm::cli::P256Key::load_or_make(folder.ceremony() / "root-key.pem");
    if (!custodian || !root) {
        return Failure{folder.ceremony().string() + ": the keys cannot be read"};
    }
    const hsm::cli::GroupPlan group{phone.state().rp_id,
                                    phone.state().origin,
                                    {{phone.passkey().point(), phone.state().backup_eligible}},
                                    1};
    const auto provisioned =
        hsm::cli::provision_group(modules, group, *custodian, *root, approve_with(phone));
    if (!provisioned) {
        return module_failure("the first start of the modules", provisioned.error());
    }
    return {};
}

}  // namespace server::cli::up

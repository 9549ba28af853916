#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloudsign/approval/approval_service.h"
#include "cloudsign/identity/device_sessions.h"

namespace cloudsign::credential {

// By which a phone is connected, once.
struct OfficerLink {
    store::Device device;
    std::string secret;
    std::int64_t expires_at = 0;
};

enum class OfficerPhoneState {
    invited,    // nobody has opened its link yet
    connected,  // it has a session
    over,       // its link or its session has ended
};
std::string_view name(OfficerPhoneState state);

// An officer's phone, as an operator looks at it.
struct OfficerPhone {
    store::Device device;
    OfficerPhoneState state = OfficerPhoneState::invited;
    // Whose passkey it is in the plan of the group; none when the modules know it no more, or when
    // no module has answered yet.
    std::optional<unsigned> person;
};

// A passkey of the plan that no phone here has.
struct UnconnectedOfficer {
    unsigned person = 0;
    hsm::protocol::ActivationKey key;
};

struct OfficerList {
    bool is_plan_known = false;  // a module has told the plan of the group
    std::vector<OfficerPhone> phones;
    std::vector<UnconnectedOfficer> without_phone;
};

// The phones by which officers see what waits for them. Nothing here makes anybody an officer, or
// ends one: the modules know theirs by the group's configuration. Any thread.
class OfficerPhones {
public:
    // As long as the other links that the operator hands to people.
    static constexpr std::int64_t link_ms = 24ll * 3600 * 1000;

    OfficerPhones(store::Database& database,
                  approval::ApprovalService& approvals,
                  const Clock& clock)
        : database_(database), approvals_(approvals), clock_(clock) {}

    // A link for the phone that has this passkey; one of before that was not opened ends. `invalid`
    // for the name; `forbidden` when the modules do not know the passkey, or when the plan of the
    // group says otherwise whether it may be synced, since the modules would refuse each of its
    // assertions.
    Result<OfficerLink> invite(const std::string& name, const hsm::protocol::ActivationKey& key);

    // Uses the link up; answers the phone with its session. Sessions of before end, unless the
    // passkey may be in several places. The passkey signs the link
    // (hsm::protocol::officer_link_challenge): who has only read it opens nothing. `not_found` for
    // a link that is unknown or used, `expired` for one whose time is over, `conflict` for another
    // passkey's, `forbidden` as invite(), `assertion_refused`. A refusal uses nothing up.
    Result<identity::NewDevice> connect(std::string_view link,
                                        const approval::SentAssertion& assertion);

    // Oldest first.
    Result<OfficerList> all();

    // Ends the phone's session. `not_found`.
    Result<OfficerPhone> remove(const std::string& device_id);

private:
    std::optional<approval::Group> plan();
    OfficerPhone looked_at(store::Device device, const std::optional<approval::Group>& group) const;
    Result<store::Device> invited(store::Session& session,
                                  std::string_view link,
                                  const hsm::Digest& thumbprint) const;

    store::Database& database_;
    approval::ApprovalService& approvals_;
    const Clock& clock_;
};

}  // namespace cloudsign::credential

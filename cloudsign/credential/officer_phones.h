#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloudsign/approval/approval_service.h"
#include "cloudsign/identity/device_sessions.h"

namespace cloudsign::credential {

// An officer's phone, as an operator looks at it.
struct OfficerPhone {
    store::Device device;
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
    OfficerPhones(store::Database& database,
                  approval::ApprovalService& approvals,
                  const Clock& clock)
        : database_(database), approvals_(approvals), clock_(clock) {}

    // `invalid` for the name; `forbidden` when the modules do not know the passkey; `conflict` when
    // the plan of the group says otherwise whether it may be synced, since the modules would
    // refuse each of its assertions.
    Result<identity::NewDevice> add(const std::string& name,
                                    const hsm::protocol::ActivationKey& key);

    // Oldest first.
    Result<OfficerList> all();

    // Ends the phone's session. `not_found`.
    Result<OfficerPhone> remove(const std::string& device_id);

private:
    std::optional<approval::Group> plan();

    store::Database& database_;
    approval::ApprovalService& approvals_;
    const Clock& clock_;
};

}  // namespace cloudsign::credential

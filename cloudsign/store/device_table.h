#pragma once

#include "cloudsign/error.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::store {

class Session;

// The phones of signers and officers. Errors as ClientTable's.
class DeviceTable {
public:
    explicit DeviceTable(Session& session) : session_(session) {}

    Result<void> insert(const Device& device);
    Result<std::optional<Device>> by_id(const std::string& id);
    // Whatever its status: the caller looks at it.
    Result<std::optional<Device>> by_session_hash(const hsm::Digest& session_hash);
    // Active devices of one signer or officer, oldest first.
    Result<std::vector<Device>> of_owner(DeviceOwner kind, const std::string& owner_id);
    // Active devices of all officers.
    Result<std::vector<Device>> officers();
    // With those whose link nobody has opened yet; oldest first.
    Result<std::vector<Device>> officers_kept();
    // An officer's phone has opened its link: from now on this session is its own, and the link
    // opens nothing. False when it is not waited for.
    Result<bool> connect(const std::string& id,
                         const hsm::Digest& session_hash,
                         std::int64_t used_at);
    // Links of officers for this passkey that nobody has opened.
    Result<void> remove_links(const hsm::Digest& thumbprint);
    // Connected phones of officers with this passkey, but for that one.
    Result<void> remove_others(const hsm::Digest& thumbprint, const std::string& id);
    // Whether there was such a device. One that is removed is told nothing any more.
    Result<bool> set_status(const std::string& id, DeviceStatus status);
    // Of the signer's new phones that were never put in an old one's place.
    Result<void> remove_joining(const std::string& signer_id);
    // False when it is not joining any more.
    Result<bool> admit(const std::string& id);
    Result<bool> set_name(const std::string& id, const std::string& name);
    Result<bool> touch(const std::string& id, std::int64_t used_at);

private:
    Session& session_;
};

}  // namespace cloudsign::store

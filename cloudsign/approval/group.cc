#include "cloudsign/approval/group.h"

#include "hsm/protocol/key_blob.h"
#include "hsm/protocol/statement.h"

namespace cloudsign::approval {

Result<Group> read_group(ModulePort& modules) {
    for (const auto& member : modules.members()) {
        const auto configuration =
            hsm::protocol::decode_tagged<hsm::protocol::GroupConfiguration>(member.configuration);
        if (!configuration) {
            continue;
        }
        Group group;
        group.rp_id = configuration->rp_id;
        group.origin = configuration->origin;
        group.officers_needed = configuration->officers_needed;
        for (std::size_t i = 0; i < configuration->officers.size(); ++i) {
            group.officers.push_back(configuration->officers[i]);
            group.officer_backup_eligible.push_back(
                i < configuration->officers_backup_eligible.size() &&
                configuration->officers_backup_eligible[i] == 1);
            group.officer_persons.push_back(i < configuration->officers_persons.size()
                                                ? configuration->officers_persons[i]
                                                : 0);
        }
        return group;
    }
    return Error{ErrorKind::unavailable, "no provisioned module answers"};
}

}  // namespace cloudsign::approval

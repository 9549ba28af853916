#pragma once

#include <algorithm>
#include <set>
#include <vector>

#include "cloudsign/approval/approval_service.h"
#include "cloudsign/sha256.h"

// Inside cloudsign/approval only.
namespace cloudsign::approval {

inline constexpr std::uint32_t pending_max = 200;  // that are shown at once

inline Error not_found() {
    return {ErrorKind::not_found, "no such transaction"};
}

// Whose assertions a transaction needs: signers' activation keys of the key blob, the new phone
// that is to become one, officers of the group.
struct ApprovalService::Approvers {
    enum class Part { holder, newcomer, officer };
    struct Key {
        hsm::Digest thumbprint{};
        hsm::protocol::ActivationKey key;
        hsm::protocol::BackupPolicy backup = hsm::protocol::BackupPolicy::allowed;
        Part part = Part::holder;
        unsigned person = 0;  // an officer's
    };
    std::vector<Key> keys;
    std::size_t holders_needed = 0;
    std::size_t newcomers_needed = 0;
    std::size_t officers_needed = 0;

    const Key* find(const hsm::Digest& thumbprint) const {
        const auto found = std::ranges::find(keys, thumbprint, &Key::thumbprint);
        return found == keys.end() ? nullptr : &*found;
    }

    std::size_t needed() const { return holders_needed + newcomers_needed + officers_needed; }

    void add(const hsm::protocol::ActivationKey& key,
             hsm::protocol::BackupPolicy backup,
             Part part,
             unsigned person = 0) {
        keys.push_back(
            {hsm::protocol::thumbprint(key.point, cloudsign::sha256), key, backup, part, person});
    }

    struct Given {
        std::size_t holders = 0;
        std::size_t newcomers = 0;
        std::size_t officers = 0;  // people, as the module counts them
    };
    Given given_by(const std::vector<hsm::Digest>& thumbprints) const {
        Given given;
        std::set<unsigned> officers;
        for (const auto& thumbprint : thumbprints) {
            const auto* key = find(thumbprint);
            if (key == nullptr) {
                continue;
            }
            given.holders += key->part == Part::holder ? 1 : 0;
            given.newcomers += key->part == Part::newcomer ? 1 : 0;
            if (key->part == Part::officer) {
                officers.insert(key->person);
            }
        }
        given.officers = officers.size();
        return given;
    }

    bool satisfied_by(const std::vector<hsm::Digest>& thumbprints) const {
        const auto given = given_by(thumbprints);
        return given.holders >= holders_needed && given.newcomers >= newcomers_needed &&
               given.officers >= officers_needed;
    }
};

}  // namespace cloudsign::approval

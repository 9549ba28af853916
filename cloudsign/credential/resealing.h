#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/module_port.h"
#include "cloudsign/store/database.h"
#include "hsm/base/result.h"

namespace cloudsign::credential {

// Seals every key anew under the group's next KEK (PROTOCOL.md "Epochs"), so that the KEK of before
// can be destroyed. A key that is still sealed under that one signs nothing meanwhile.
class Resealing {
public:
    // At any member: the blob under the members' epoch.
    using Reseal = std::function<hsm::Result<Bytes>(const Bytes& blob)>;

    Resealing(store::Database& database, const Clock& clock, Reseal reseal)
        : database_(database), clock_(clock), reseal_(std::move(reseal)) {}

    // By one thread, once in a while; `epoch` is that of all members. Goes on where it was, for
    // about `time_max`; does nothing once every key has been seen sealed under `epoch` a while
    // after the last one was: whoever has read a row before might write the old blob back.
    Result<void> run_due(std::uint32_t epoch, std::chrono::milliseconds time_max);

private:
    Result<void> finish(std::uint32_t epoch);
    Result<void> reseal_page(std::uint32_t epoch);
    Result<void> reseal_one(const std::string& id, std::uint32_t epoch);

    store::Database& database_;
    const Clock& clock_;
    const Reseal reseal_;
    std::uint32_t finished_ = 0;
    std::string after_id_;         // of the pass that goes on
    std::int64_t pass_began_ = 0;  // milliseconds UTC
    bool is_at_end_ = true;
};

// How the keys are sealed, by a look at each of them.
struct SealedKeys {
    std::uint64_t keys = 0;
    std::uint64_t older = 0;  // under another epoch than was asked for
    bool is_settled = false;  // Resealing has done with that epoch
};
Result<SealedKeys> count_sealed(store::Database& database, std::uint32_t epoch);

// That of all `configured` members of the group, which operate; 0 while one is silent or they
// differ.
std::uint32_t agreed_epoch(const std::vector<ModuleInfo>& members, std::size_t configured);

}  // namespace cloudsign::credential

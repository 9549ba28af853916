#pragma once

#include <filesystem>
#include <memory>

#include "board/host/softhsm/softhsm_engine.h"

namespace bench {

struct EngineToken {
    std::filesystem::path configuration;  // softhsm2.conf
    std::string label;
    std::filesystem::path lock;
    std::filesystem::path pin_file;
};

// Of an appliance's folder.
EngineToken token_in(const std::filesystem::path& data);

// The group's first epoch, which `kyso up` makes.
constexpr std::uint32_t first_epoch = 1;

// The token's engine, unlocked and in the group's first epoch. Ends the process with a message
// when the token cannot be used.
std::unique_ptr<board::host::softhsm::SoftHsmEngine> open_engine(const EngineToken& token);

}  // namespace bench

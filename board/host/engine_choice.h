#pragma once

#include <memory>

#include "board/host/config.h"
#include "firmware/engine/engine.h"

namespace board::host {

// The engine that the settings name, still locked, with what it keeps its keys in.
class EngineChoice {
public:
    virtual ~EngineChoice() = default;
    virtual firmware::engine::Engine& engine() = 0;
};
Setup<std::unique_ptr<EngineChoice>> choose_engine(const Config& config);

// Makes the SoftHSM token that the settings name, if there is none of its label: `pin` will open
// it. The psa engine makes its own file when it is first opened.
Setup<void> make_token(const Config& config, hsm::ByteView pin);

}  // namespace board::host

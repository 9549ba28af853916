#pragma once

#include <chrono>
#include <thread>

#include "firmware/engine/engine.h"

namespace tests::support {

// generate_sealed() until the pair is there, as a module's loop does it; `busy` after two minutes.
inline hsm::Result<void> generate_key(firmware::engine::Engine& engine,
                                      std::uint32_t epoch,
                                      hsm::protocol::KeyType type,
                                      firmware::engine::SealedKey& out) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (true) {
        auto made = engine.generate_sealed(epoch, type, out);
        if (made || made.error() != hsm::Status::busy ||
            std::chrono::steady_clock::now() > deadline) {
            return made;
        }
        while (engine.work()) {
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));  // a thread may be at it
    }
}

}  // namespace tests::support

#include "tests/bench/engine_token.h"

#include <fstream>

#include "firmware/engine/psa/initialize.h"
#include "tests/bench/failure.h"

namespace bench {

using board::host::softhsm::EngineConfig;
using board::host::softhsm::SoftHsmEngine;

EngineToken token_in(const std::filesystem::path& data) {
    const auto configuration = data / "softhsm" / "softhsm2.conf";
    return {configuration, "kyso", configuration.string() + ".lock", data / "engine-pin"};
}

std::unique_ptr<SoftHsmEngine> open_engine(const EngineToken& token) {
    need(firmware::engine::psa::initialize(), "Mbed TLS");
    EngineConfig config;
    config.token.configuration = token.configuration.string();
    config.token.label = token.label;
    config.token.lock_file = token.lock.string();
    config.module_name = "bench";
    auto engine = need(SoftHsmEngine::create(config), token.configuration.string());
    std::ifstream in(token.pin_file);
    std::string pin;
    in >> pin;
    need(engine->unlock(hsm::view_of(pin)), token.pin_file.string());
    need(engine->join_epoch(first_epoch), "epoch 1");
    return engine;
}

}  // namespace bench

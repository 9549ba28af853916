#include "board/host/engine_choice.h"

#include "board/host/softhsm/softhsm_engine.h"
#include "board/host/vault/file_vault.h"
#include "firmware/engine/psa/psa_engine.h"

namespace board::host {
namespace {

class PsaChoice final : public EngineChoice {
public:
    explicit PsaChoice(const Config& config)
        : vault_(config.psa_token.string()), engine_(vault_, config.name) {}
    firmware::engine::Engine& engine() override { return engine_; }

private:
    vault::FileVault vault_;
    firmware::engine::psa::PsaEngine engine_;
};

class SoftHsmChoice final : public EngineChoice {
public:
    explicit SoftHsmChoice(std::unique_ptr<softhsm::SoftHsmEngine> engine)
        : engine_(std::move(engine)) {}
    firmware::engine::Engine& engine() override { return *engine_; }

private:
    std::unique_ptr<softhsm::SoftHsmEngine> engine_;
};

Setup<std::unique_ptr<EngineChoice>> open_softhsm(const Config& config) {
    const softhsm::TokenConfig token{.library = config.softhsm_library.string(),
                                     .configuration = config.softhsm_configuration.string(),
                                     .label = config.softhsm_token,
                                     .lock_file = config.softhsm_lock.string()};
    auto engine = softhsm::SoftHsmEngine::create({.token = token, .module_name = config.name});
    if (engine) {
        return std::unique_ptr<EngineChoice>(std::make_unique<SoftHsmChoice>(*std::move(engine)));
    }
    switch (engine.error()) {
        case hsm::Status::key_missing:
            return SetupError{"softhsm.token: there is no token with the label " + token.label};
        case hsm::Status::storage_failed:
            return SetupError{token.lock_file + ": cannot be locked"};
        default:
            return SetupError{token.library + ": cannot be started with " + token.configuration};
    }
}

}  // namespace

Setup<std::unique_ptr<EngineChoice>> choose_engine(const Config& config) {
    switch (config.engine) {
        case EngineKind::softhsm:
            return open_softhsm(config);
        case EngineKind::psa:
            return std::unique_ptr<EngineChoice>(std::make_unique<PsaChoice>(config));
    }
    CHECK(false);
}

}  // namespace board::host

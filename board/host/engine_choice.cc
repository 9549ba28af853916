#include "board/host/engine_choice.h"

#include <array>
#include <sys/random.h>

#include "board/host/softhsm/softhsm_engine.h"
#include "board/host/softhsm/token_setup.h"
#include "board/host/vault/file_vault.h"
#include "board/host/vault/shared_flash.h"
#include "firmware/engine/psa/psa_engine.h"
#include "hsm/base/hex.h"
#include "hsm/base/zeroize.h"

namespace board::host {
namespace {

class PsaChoice final : public EngineChoice {
public:
    explicit PsaChoice(const Config& config)
        : vault_(config.psa_token.string()),
          flash_(config.psa_token.string() + ".secret"),
          engine_(vault_, flash_secret_, config.name) {}
    firmware::engine::Engine& engine() override { return engine_; }

private:
    vault::FileVault vault_;
    vault::SharedFlash flash_;
    firmware::engine::psa::FlashSecret flash_secret_{flash_};
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

softhsm::TokenConfig token_of(const Config& config) {
    return {.library = config.softhsm_library.string(),
            .configuration = config.softhsm_configuration.string(),
            .label = config.softhsm_token,
            .lock_file = config.softhsm_lock.string()};
}

Setup<std::unique_ptr<EngineChoice>> open_softhsm(const Config& config) {
    const auto token = token_of(config);
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

Setup<void> make_token(const Config& config, hsm::ByteView pin) {
    if (pin.empty()) {
        return SetupError{"a token cannot be made without pin_file"};
    }
    if (config.engine != EngineKind::softhsm) {
        return {};
    }
    // The security officer could set another user PIN: nobody is to have that office.
    std::array<hsm::Byte, 32> random{};
    if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
        return SetupError{"no random bytes"};
    }
    std::array<hsm::Byte, 2 * random.size()> officer_pin{};
    for (std::size_t i = 0; i < random.size(); ++i) {
        officer_pin[2 * i] = static_cast<hsm::Byte>(hsm::hex_digits[random[i] >> 4]);
        officer_pin[2 * i + 1] = static_cast<hsm::Byte>(hsm::hex_digits[random[i] & 15]);
    }
    const auto made = softhsm::ensure_token(token_of(config), officer_pin, pin);
    hsm::base::zeroize(random);
    hsm::base::zeroize(officer_pin);
    if (!made) {
        return SetupError{"the token " + config.softhsm_token + " cannot be made with " +
                          config.softhsm_configuration.string() + " (" +
                          std::string(hsm::base::status_name(made.error())) + ")"};
    }
    return {};
}

}  // namespace board::host

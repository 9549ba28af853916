#include "tests/unit/firmware/engine/engine_site.h"

#include <fstream>

#include <gtest/gtest.h>

#include "board/host/softhsm/softhsm_engine.h"
#include "board/host/vault/file_vault.h"
#include "board/host/vault/shared_flash.h"
#include "firmware/engine/psa/initialize.h"
#include "firmware/engine/psa/psa_engine.h"

namespace tests::engine {

using firmware::engine::Engine;

namespace {

class PsaSite final : public Site {
public:
    std::unique_ptr<Engine> open(const std::string& module_name) override {
        EXPECT_TRUE(firmware::engine::psa::initialize());
        return std::make_unique<firmware::engine::psa::PsaEngine>(
            vault_, flash_secret_, module_name);
    }

private:
    board::host::vault::FileVault vault_{folder() / "vault.bin"};
    board::host::vault::SharedFlash flash_{folder() / "vault.bin.secret"};
    firmware::engine::psa::FlashSecret flash_secret_{flash_};
};

class SoftHsmSite final : public Site {
public:
    SoftHsmSite() {
        std::filesystem::create_directory(folder() / "tokens");
        std::ofstream(folder() / "softhsm2.conf")
            << "directories.tokendir = " << (folder() / "tokens").string()
            << "\nobjectstore.backend = file\nlog.level = ERROR\n";
        EXPECT_TRUE(board::host::softhsm::ensure_token(
            token(), hsm::view_of("security officer"), secret()));
    }

    std::unique_ptr<Engine> open(const std::string& module_name) override {
        board::host::softhsm::EngineConfig config;
        config.token = token();
        config.module_name = module_name;
        auto engine = board::host::softhsm::SoftHsmEngine::create(config);
        EXPECT_TRUE(engine);
        return engine ? std::move(*engine) : nullptr;
    }

private:
    board::host::softhsm::TokenConfig token() const {
        board::host::softhsm::TokenConfig config;
        config.configuration = folder() / "softhsm2.conf";
        config.label = "group";
        config.lock_file = folder() / "token.lock";
        return config;
    }
};

}  // namespace

Site::Site() {
    auto pattern = (std::filesystem::temp_directory_path() / "kyso-engine-XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
}

Site::~Site() {
    std::filesystem::remove_all(folder_);
}

std::unique_ptr<Site> make_psa_site() {
    return std::make_unique<PsaSite>();
}

std::unique_ptr<Site> make_softhsm_site() {
    return std::make_unique<SoftHsmSite>();
}

std::vector<EngineKind> engine_kinds() {
    return {{"psa", make_psa_site}, {"softhsm", make_softhsm_site}};
}

}  // namespace tests::engine

#pragma once

#include <gtest/gtest.h>

#include "board/host/file_flash.h"
#include "board/host/vault/file_vault.h"
#include "board/host/vault/shared_flash.h"
#include "firmware/app/module.h"
#include "firmware/engine/psa/psa_engine.h"
#include "firmware/storage/log_store.h"
#include "tests/support/breakable_engine.h"
#include "tests/support/module_target.h"
#include "tests/support/status.h"
#include "tests/support/temporary_folder.h"

namespace tests::support {

inline constexpr std::string_view unlock_secret = "a test's secret of 32 bytes, 0123456789";

class TestClock final : public firmware::hal::Clock {
public:
    std::uint64_t tick_ms() override { return now_ms; }
    std::uint64_t now_ms = 1000;
};

// Flash that breaks when it is told to.
class BreakableFlash final : public firmware::hal::Flash {
public:
    explicit BreakableFlash(firmware::hal::Flash& flash) : flash_(flash) {}

    bool broken = false;

    firmware::hal::FlashGeometry geometry() const override { return flash_.geometry(); }
    hsm::Result<void> read(std::uint32_t offset, hsm::MutableBytes into) override {
        return broken ? hsm::Status::storage_failed : flash_.read(offset, into);
    }
    hsm::Result<void> program(std::uint32_t offset, hsm::ByteView units) override {
        return broken ? hsm::Status::storage_failed : flash_.program(offset, units);
    }
    hsm::Result<void> erase(std::uint32_t sector) override {
        return broken ? hsm::Status::storage_failed : flash_.erase(sector);
    }
    hsm::Result<void> sync() override {
        return broken ? hsm::Status::storage_failed : flash_.sync();
    }

private:
    firmware::hal::Flash& flash_;
};

constexpr firmware::hal::FlashGeometry small_store = {
    .sector_size = 16384, .sector_count = 512, .program_unit = 16};

// The real core on Mbed TLS and a file store, in this process.
class InProcessModule {
public:
    // The engine's vault is the group's; identity and store are the module's own.
    InProcessModule(const std::filesystem::path& folder,
                    const std::string& name,
                    TestClock& clock,
                    const firmware::hal::FlashGeometry& geometry = small_store);

    // As after a power cut: RAM is gone, what was synced is there. Formats a new store.
    void start();
    void start_locked();
    void stop();
    // From the next start on: what its self-tests are told is right, and an image to check.
    void set_known_answers(const firmware::selftest::KnownAnswers& answers) {
        known_answers_ = &answers;
    }
    void set_image(hsm::ByteView image, const hsm::Digest& expected) {
        image_ = image;
        image_digest_ = expected;
    }
    void restart() {
        stop();
        start();
    }

    Bytes send(hsm::ByteView request, hsm::protocol::Role role = hsm::protocol::Role::server);
    Target target(hsm::protocol::Role role = hsm::protocol::Role::server) {
        return [this, role](hsm::ByteView request) { return send(request, role); };
    }

    firmware::app::Module& module() { return running_->module; }
    firmware::engine::Engine& engine() { return running_->engine; }
    void break_flash() { running_->flash.broken = true; }
    // What the module has for an engine, until the next start.
    BreakableEngine& breakable_engine() { return running_->breakable_engine; }

    // What a loader hands over, from the next start on.
    firmware::boot::Updater* updater = nullptr;
    hsm::Digest firmware_hash = sha256_of(hsm::view_of("test image"));
    hsm::protocol::AssuranceClass assurance_class = hsm::protocol::AssuranceClass::software;

    std::filesystem::path store_file() const { return store_file_; }

private:
    using StoreMemory = firmware::storage::LogStoreMemory<512, 2048, 65536>;

    struct Running {
        Running(const InProcessModule& owner, board::host::FileFlash& file);

        BreakableFlash flash;
        board::host::vault::FileVault vault;
        board::host::vault::SharedFlash secret_flash;
        firmware::engine::psa::FlashSecret flash_secret;
        firmware::engine::psa::PsaEngine engine;
        BreakableEngine breakable_engine;
        StoreMemory memory;
        firmware::storage::LogStore store;
        firmware::app::Module module;
    };

    std::filesystem::path vault_file_;
    std::filesystem::path store_file_;
    std::string name_;
    TestClock& clock_;
    const firmware::selftest::KnownAnswers* known_answers_ = &firmware::selftest::known_answers;
    hsm::ByteView image_;
    hsm::Digest image_digest_;
    firmware::hal::FlashGeometry geometry_;
    std::unique_ptr<board::host::FileFlash> flash_;
    std::unique_ptr<Running> running_;
};

// Modules that share a KEK, provisioned.
class ModuleGroup {
public:
    explicit ModuleGroup(std::size_t members = 1,
                         People people = {},
                         const firmware::hal::FlashGeometry& geometry = small_store);

    InProcessModule& operator[](std::size_t i) { return *modules_[i]; }
    Target target(std::size_t i = 0, hsm::protocol::Role role = hsm::protocol::Role::server) {
        return modules_[i]->target(role);
    }

    TestClock clock;
    const People people;

private:
    TemporaryFolder folder_;
    std::vector<std::unique_ptr<InProcessModule>> modules_;
};

}  // namespace tests::support

#pragma once

#include <map>
#include <memory>
#include <string>

#include "firmware/command/core.h"
#include "firmware/engine/psa/key_vault.h"
#include "firmware/engine/psa/psa_engine.h"
#include "hsm/protocol/statement.h"
#include "tests/support/module_target.h"
#include "tests/support/sim_flash.h"

namespace tests::support {

// The sealed keys of a module in memory.
class MemoryVault final : public firmware::engine::psa::KeyVault {
public:
    using Records = std::map<std::string, Bytes, std::less<>>;

    MemoryVault() = default;
    explicit MemoryVault(Records records) : records_(std::move(records)) {}
    const Records& records() const { return records_; }

    hsm::Result<std::size_t> load(std::string_view name, hsm::MutableBytes out) override;
    hsm::Result<firmware::engine::psa::Creation> create(std::string_view name,
                                                        hsm::ByteView record) override;
    hsm::Result<void> remove(std::string_view name) override;

private:
    Records records_;
};

// The module's core on flash in memory, with nothing around it: a test may look at what it keeps,
// count each operation of its flash, and put it into a state.
class BareModule {
public:
    explicit BareModule(const firmware::hal::FlashGeometry& geometry = {8192, 64, 8});

    // All that outlives its RAM, to begin again from there.
    struct Image {
        SimFlash flash;
        SimFlash secret_flash;
        MemoryVault::Records vault;
        hsm::Digest other_member;
    };
    Image image() const { return {flash_, secret_flash_, vault_.records(), other_member_}; }
    explicit BareModule(const Image& image);

    // RAM is gone, what was synced is there: locked. False when the flash did not let it start.
    bool start();

    // One message as this role; then a sync if one is due, as the loop around a module does: no
    // answer when that fails.
    Bytes send(hsm::ByteView request, hsm::protocol::Role role);
    Target as(hsm::protocol::Role role) {
        return [this, role](hsm::ByteView request) { return send(request, role); };
    }

    // Makes it operational, in a group of two whose other member is only a name.
    void set_up(const People& people);
    const hsm::Digest& other_member() const { return other_member_; }

    firmware::command::Core& core() { return running_->core; }
    SimFlash& flash() { return flash_; }
    // Of the store's flash and of the one that keeps the flash secret.
    std::uint64_t flash_operations() const {
        return flash_.operations() + secret_flash_.operations();
    }
    std::uint64_t now_ms() const { return clock_.now_ms; }
    void let_pass(std::uint64_t ms) { clock_.now_ms += ms; }

    // Whose SHA-256 stands for the firmware's hash.
    static constexpr std::string_view image_name = "bare module";
    static constexpr std::string_view unlock_secret = "the secret of a bare module, 32 bytes..";

private:
    class Clock final : public firmware::hal::Clock {
    public:
        std::uint64_t tick_ms() override { return now_ms; }
        std::uint64_t now_ms = 1000;
    };

    struct Running {
        explicit Running(BareModule& owner);

        firmware::engine::psa::FlashSecret flash_secret;
        firmware::engine::psa::PsaEngine engine;
        firmware::storage::LogStoreMemory<64, 128, 8192> memory;
        firmware::storage::LogStore store;
        firmware::command::Core core;
    };

    SimFlash flash_;
    SimFlash secret_flash_{{4096, 1, 8}};
    MemoryVault vault_;
    Clock clock_;
    hsm::Digest other_member_ = random_digest();
    std::unique_ptr<Running> running_;
};

// A page of a revocation table, [statement, mac], as any member of this module's epoch seals it.
Bytes seal_page(BareModule& module, const hsm::protocol::TableStatement& page);

}  // namespace tests::support

#include "tests/faults/world.h"

#include <new>

#include "firmware/engine/psa/flash_secret.h"
#include "firmware/engine/psa/initialize.h"
#include "firmware/engine/psa/platform.h"
#include "tests/faults/ram_flash.h"
#include "tests/faults/runtime.h"

namespace tests::faults {
namespace {

namespace command = firmware::command;
namespace engine = firmware::engine;
namespace storage = firmware::storage;
namespace wire = hsm::protocol;
using hsm::Byte;
using hsm::ByteView;
using hsm::MutableBytes;
using hsm::Result;

// The same noise each time: a campaign can be run again.
class CountingNoise final : public firmware::hal::Noise {
public:
    firmware::hal::NoiseClaim claim() const override { return {8, 4096}; }
    Result<void> sample(MutableBytes raw) override {
        for (auto& byte : raw) {
            state_ = state_ * 1664525 + 1013904223;
            byte = static_cast<Byte>(state_ >> 24);
        }
        return {};
    }

private:
    std::uint32_t state_ = 1;
};

class SetClock final : public firmware::hal::Clock {
public:
    std::uint64_t tick_ms() override { return now_ms; }
    std::uint64_t now_ms = 1000;
};

class RamVault final : public engine::psa::KeyVault {
public:
    Result<std::size_t> load(std::string_view name, MutableBytes out) override {
        for (const auto& record : records_) {
            if (record.name.view().size() == name.size() && hsm::text_of(record.name) == name) {
                std::ranges::copy(record.bytes, out.begin());
                return record.bytes.size();
            }
        }
        return hsm::Status::key_missing;
    }
    Result<engine::psa::Creation> create(std::string_view name, ByteView bytes) override {
        Record record;
        CHECK(record.name.assign(hsm::view_of(name)) && record.bytes.assign(bytes));
        CHECK(records_.push_back(record));
        return engine::psa::Creation::created;
    }
    // Its place is not used again.
    Result<void> remove(std::string_view name) override {
        for (std::size_t i = 0; i < records_.size(); ++i) {
            if (hsm::text_of(records_[i].name) == name) {
                records_[i] = {};
            }
        }
        return {};
    }

private:
    struct Record {
        hsm::BoundedBytes<engine::psa::vault_name_size_max> name;
        hsm::BoundedBytes<256> bytes;
    };
    wire::BoundedList<Record, 8> records_;
};

alignas(8) std::array<Byte, 36864> arena;
CountingNoise noise_source;
firmware::selftest::TestedNoise noise(noise_source);
SetClock set_clock;
RamFlash<4096, 10> flash;
RamFlash<4096, 1> secret_flash;
engine::psa::FlashSecret flash_secret(secret_flash);
RamVault vault;
storage::LogStoreMemory<64, 128, 4352> store_memory;
alignas(storage::LogStore) std::array<Byte, sizeof(storage::LogStore)> store_room;
alignas(engine::psa::PsaEngine) std::array<Byte, sizeof(engine::psa::PsaEngine)> engine_room;
alignas(command::Core) std::array<Byte, sizeof(command::Core)> core_room;
alignas(World) std::array<Byte, sizeof(World)> world_room;

template <class T>
void must(const Result<T>& done) {
    CHECK(done.has_value());
}

void make_identity(command::Core& core) {
    const auto point = core.engine.identity_point();
    must(point);
    core.identity.spki = wire::p256_spki(*point);
    const ByteView spki[] = {core.identity.spki};
    core.identity.module_id = engine::sha256(spki);
    core.identity.known = true;
}

void establish_group(World& made) {
    wire::GroupConfiguration configuration;
    configuration.assurance_class = wire::AssuranceClass::emulated;
    configuration.rp_id = rp_id;
    configuration.origin = origin;
    CHECK(configuration.officers.push_back(made.officer.point()) &&
          configuration.officers_backup_eligible.push_back(0) &&
          configuration.members.push_back(made.core.identity.module_id));
    configuration.custodians_needed = 2;
    CHECK(configuration.officers_persons.push_back(1) &&
          configuration.custodians.push_back(made.custodian.point()) &&
          configuration.custodians.push_back(made.other_custodian.point()));
    std::array<Byte, wire::configuration_size_max> encoded;
    const auto bytes = wire::encode_tagged(configuration, encoded);
    must(bytes);
    must(made.core.engine.make_epoch(1));
    must(made.core.group.establish(made.core.store, *bytes, hsm::view_of("no certificate"), 1));
    must(made.core.store.sync());
}

}  // namespace

World& world() {
    return *std::launder(reinterpret_cast<World*>(world_room.data()));
}

void set_tick(std::uint64_t now_ms) {
    set_clock.now_ms = now_ms;
}

ByteView encode_policy(const wire::Point& point, MutableBytes buffer, std::string_view site) {
    wire::Policy policy;
    policy.rp_id = rp_id;
    policy.origin = site;
    CHECK(policy.points.push_back(point) && policy.backup_eligible.push_back(0));
    const auto encoded = wire::encode(policy, buffer);
    must(encoded);
    return *encoded;
}

}  // namespace tests::faults

extern "C" void world_start() {
    using namespace tests::faults;  // NOLINT: this file's own parts
    run_constructors();
    engine::psa::use_arena(arena);
    must(engine::psa::initialize(noise));
    auto& store = *new (store_room.data()) storage::LogStore(flash, store_memory.spans());
    auto& engine = *new (engine_room.data()) engine::psa::PsaEngine(vault, flash_secret, "target");
    auto& core = *new (core_room.data()) command::Core({engine, store, set_clock}, {});
    auto& made = *new (world_room.data()) World(core);
    must(store.format(1));
    must(engine.unlock(hsm::view_of("a fault target's secret of 32 bytes")));
    must(core.boot_key.draw(engine));
    core.boot_counter = 1;
    make_identity(core);
    for (auto* phone :
         {&made.signer, &made.thief, &made.officer, &made.custodian, &made.other_custodian}) {
        phone->start();
        (void)phone->sign({});
    }
    engine::DerSignature signature;
    must(engine.identity_sign({}, signature));
    made.is_ready = true;
    establish_group(made);
    must(engine.generate_sealed(1, wire::KeyType::p256, made.key));
    core.state = wire::State::operational;
}

#include "tests/support/module_fixture.h"

#include <cstdlib>

#include "firmware/engine/psa/initialize.h"

namespace tests::support {
namespace {

namespace wire = hsm::protocol;

constexpr int slices_per_request = 64;

firmware::app::Settings test_settings(const hsm::Digest& firmware_hash,
                                      wire::AssuranceClass assurance_class,
                                      hsm::ByteView image,
                                      const hsm::Digest& image_hash) {
    firmware::app::Settings settings;
    settings.firmware_hash = firmware_hash;
    settings.image = image;
    settings.image_hash = image_hash;
    settings.assurance_class = assurance_class;
    return settings;
}

}  // namespace

InProcessModule::Running::Running(const InProcessModule& owner, board::host::FileFlash& file)
    : flash(file),
      vault(owner.vault_file_),
      secret_flash(owner.vault_file_.string() + ".secret"),
      flash_secret(secret_flash),
      engine(vault, flash_secret, owner.name_),
      breakable_engine(engine),
      store(flash, memory.spans()),
      module({breakable_engine, store, owner.clock_, *owner.known_answers_, owner.updater},
             test_settings(
                 owner.firmware_hash, owner.assurance_class, owner.image_, owner.image_digest_)) {}

InProcessModule::InProcessModule(const std::filesystem::path& folder,
                                 const std::string& name,
                                 TestClock& clock,
                                 const firmware::hal::FlashGeometry& geometry)
    : vault_file_(folder / "vault"),
      store_file_(folder / (name + ".store")),
      name_(name),
      clock_(clock),
      image_digest_(sha256_of(hsm::view_of("test image"))),
      geometry_(geometry) {
    CHECK(firmware::engine::psa::initialize().has_value());
    start();
}

void InProcessModule::start() {
    start_locked();
    if (module().state() == wire::State::locked && module().unlock(hsm::view_of(unlock_secret))) {
        (void)module().sync();
    }
}

void InProcessModule::start_locked() {
    auto flash = board::host::FileFlash::open(store_file_, geometry_);
    CHECK(flash.has_value());
    flash_ = *std::move(flash);
    running_ = std::make_unique<Running>(*this, *flash_);
    const auto unformatted = firmware::storage::LogStore::is_unformatted(*flash_);
    CHECK(unformatted.has_value());
    if (*unformatted) {
        CHECK(running_->store.format(1).has_value());
    }
    (void)module().start();
}

void InProcessModule::stop() {
    running_.reset();
    flash_.reset();
}

Bytes InProcessModule::send(hsm::ByteView request, wire::Role role) {
    Bytes response(wire::message_size_max);
    auto answer = module().handle(request, role, response);
    if (answer.durability == firmware::app::Durability::sync && !module().sync()) {
        answer.size = firmware::app::Module::replace_held(response, response);
    }
    response.resize(answer.size);
    // As a loop does while nobody asks for anything.
    for (int slice = 0; slice < slices_per_request; ++slice) {
        if (module().work() != firmware::app::Work::more) {
            break;
        }
    }
    return response;
}

ModuleGroup::ModuleGroup(std::size_t members,
                         People group_people,
                         const firmware::hal::FlashGeometry& geometry)
    : people(std::move(group_people)) {
    std::vector<hsm::Digest> ids;
    for (std::size_t i = 0; i < members; ++i) {
        modules_.push_back(std::make_unique<InProcessModule>(
            folder_.path(), "module-" + std::to_string(i), clock, geometry));
        ids.push_back(module_id_of(target(i)));
    }
    const auto configuration = configuration_of(people, wire::AssuranceClass::software, ids);
    for (std::size_t i = 0; i < members; ++i) {
        const auto provisioned = provision(target(i, wire::Role::operating),
                                           people,
                                           configuration,
                                           i == 0 ? wire::EpochMode::make : wire::EpochMode::join);
        CHECK(provisioned.has_value());
    }
}

}  // namespace tests::support

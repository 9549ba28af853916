#include "tests/support/bare_module.h"

#include "firmware/app/dispatcher.h"
#include "firmware/app/lifecycle.h"
#include "firmware/engine/psa/initialize.h"
#include "firmware/keystore/group_statement.h"

namespace tests::support {

namespace wire = hsm::protocol;
using firmware::engine::psa::Creation;
using hsm::Status;

hsm::Result<std::size_t> MemoryVault::load(std::string_view name, hsm::MutableBytes out) {
    const auto found = records_.find(name);
    if (found == records_.end()) {
        return Status::key_missing;
    }
    CHECK(found->second.size() <= out.size());
    std::ranges::copy(found->second, out.begin());
    return found->second.size();
}

hsm::Result<Creation> MemoryVault::create(std::string_view name, hsm::ByteView record) {
    const bool created = records_.emplace(name, copy_of(record)).second;
    return created ? Creation::created : Creation::existed;
}

hsm::Result<void> MemoryVault::remove(std::string_view name) {
    records_.erase(std::string(name));
    return {};
}

namespace {

firmware::command::Settings bare_settings() {
    firmware::command::Settings settings;
    settings.firmware_hash = sha256_of(hsm::view_of(BareModule::image_name));
    return settings;
}

}  // namespace

BareModule::Running::Running(BareModule& owner)
    : flash_secret(owner.secret_flash_),
      engine(owner.vault_, flash_secret, "bare"),
      store(owner.flash_, memory.spans()),
      core({engine, store, owner.clock_}, bare_settings()) {}

BareModule::BareModule(const firmware::hal::FlashGeometry& geometry) : flash_(geometry) {
    CHECK(firmware::engine::psa::initialize().has_value());
    running_ = std::make_unique<Running>(*this);
    CHECK(running_->store.format(1).has_value());
    CHECK(start());
}

BareModule::BareModule(const Image& image)
    : flash_(image.flash),
      secret_flash_(image.secret_flash),
      vault_(image.vault),
      other_member_(image.other_member) {
    CHECK(firmware::engine::psa::initialize().has_value());
    CHECK(start());
}

bool BareModule::start() {
    running_.reset();
    running_ = std::make_unique<Running>(*this);
    return firmware::app::start(core()).has_value();
}

Bytes BareModule::send(hsm::ByteView request, wire::Role role) {
    Bytes response(wire::message_size_max);
    response.resize(firmware::app::dispatch(core(), request, role, response));
    if (core().unsynced && core().state != wire::State::failed) {
        core().unsynced = false;
        if (!core().store.sync()) {
            core().state = wire::State::failed;
            return {};
        }
    }
    return response;
}

void BareModule::set_up(const People& people) {
    const auto module = as(wire::Role::operating);
    CHECK(call(module, wire::UnlockRequest{hsm::view_of(unlock_secret)}).has_value());
    const hsm::Digest members[] = {module_id_of(module), other_member_};
    const auto configuration = configuration_of(people, wire::AssuranceClass::software, members);
    CHECK(provision(module, people, configuration, wire::EpochMode::make).has_value());
}

Bytes seal_page(BareModule& module, const wire::TableStatement& page) {
    auto& core = module.core();
    Bytes statement(wire::table_page_size_max);
    const auto encoded_page = wire::encode_tagged(page, statement);
    CHECK(encoded_page.has_value());
    const auto mac = firmware::keystore::group_mac(core.engine, core.group.epoch(), *encoded_page);
    CHECK(mac.has_value());
    Bytes whole(wire::table_page_size_max);
    const auto sealed = wire::encode_signed({*encoded_page, *mac}, whole);
    CHECK(sealed.has_value());
    return copy_of(*sealed);
}

}  // namespace tests::support

#include "firmware/app/module.h"

#include "firmware/app/dispatcher.h"
#include "firmware/app/lifecycle.h"
#include "firmware/command/commands.h"

namespace firmware::app {

using hsm::ByteView;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;
using hsm::protocol::State;

Module::Module(const Ports& ports, const Settings& settings) : core_(ports, settings) {}

Result<void> Module::start() {
    return app::start(core_);
}

Result<void> Module::unlock(ByteView secret) {
    if (core_.state != State::locked) {
        return Status::wrong_state;
    }
    TRY(command::unlock(core_, {secret}));
    return {};
}

std::string_view Module::failed_self_test() const {
    return hsm::protocol::self_test_name(
        static_cast<hsm::protocol::SelfTest>(core_.self_tests.failure()));
}

Result<void> Module::tamper() {
    return app::wipe(core_);
}

Answer Module::handle(ByteView request, hsm::protocol::Role role, MutableBytes response) {
    const auto size = dispatch(core_, request, role, response);
    // Not only what wrote waits, but also what may have read it: a head or an export that shows a
    // record which the next start does not have would be evidence against an honest module.
    // A failed module only tells that it is one; there is no sync to wait for.
    const bool waits = core_.unsynced && core_.state != State::failed;
    return {size, waits ? Durability::sync : Durability::none};
}

Result<void> Module::sync() {
    // What was answered before the failure is not known to be there, whatever the medium says now.
    if (core_.state == State::failed) {
        return Status::storage_failed;
    }
    auto synced = core_.store.sync();
    if (!synced) {
        core_.state = State::failed;
        return synced;
    }
    core_.unsynced = false;
    return {};
}

Work Module::work() {
    return command::work(core_);
}

std::size_t Module::replace_held(ByteView held, MutableBytes response) {
    const auto head = hsm::protocol::decode_response_head(held);
    const auto refusal = hsm::protocol::encode_refusal(
        head ? head->request_id : 0, Status::storage_failed, response);
    CHECK(refusal.has_value());
    return refusal->size();
}

}  // namespace firmware::app

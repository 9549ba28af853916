#include "firmware/app/lifecycle.h"

#include "firmware/storage/counter.h"

namespace firmware::app {
namespace {

using command::Core;
using hsm::ByteView;
using hsm::Result;
using hsm::Status;
using hsm::protocol::State;

constexpr std::string_view boot_counter_key = "boot";

// Finds the signatures that no host has acknowledged.
class ResultCollector final : public storage::LogVisitor {
public:
    explicit ResultCollector(command::Results& results) : results_(results) {}

    Result<void> log_record(std::uint64_t index, ByteView bytes) override {
        const auto record = hsm::protocol::decode<hsm::protocol::AuditRecord>(bytes);
        if (!record || record->index != index) {
            return Status::storage_corrupt;
        }
        if (record->type != hsm::protocol::RecordType::signed_leaf) {
            return {};
        }
        const auto details = hsm::protocol::decode<hsm::protocol::SignedDetails>(record->details);
        if (!details) {
            return Status::storage_corrupt;
        }
        return results_.add({details->challenge, details->leaf_index}, index);
    }

    // A note may outlive its record, and one may be there twice.
    Result<void> note(ByteView bytes) override {
        TRY_ASSIGN(auto occurrence, audit::parse_acknowledged_note(bytes));
        (void)results_.remove(occurrence);
        return {};
    }

private:
    command::Results& results_;
};

// Durable before the first activation: a counter that went back would make two starts look alike.
Result<void> count_start(Core& core) {
    TRY_ASSIGN(core.boot_counter,
               storage::MonotonicCounter(core.store, boot_counter_key).advance());
    return {};
}

Result<void> start_parts(Core& core) {
    TRY(core.self_tests.run_at_start());
    ResultCollector collector(core.results);
    TRY(core.store.mount(collector));
    TRY(count_start(core));
    TRY(core.boot_key.draw(core.engine));
    TRY(core.engine.random(core.provisioning_nonce));
    return core.group.load(core.store);
}

}  // namespace

Result<void> start(Core& core) {
    auto started = start_parts(core);
    if (!started) {
        core.state = State::failed;
        return started;
    }
    const auto at_rest = core.engine.check_at_rest();
    if (!at_rest && at_rest.error() == Status::key_wiped) {
        core.state = State::tampered;
        return {};
    }
    core.state = at_rest ? State::locked : State::failed;
    return at_rest;
}

// The flash secret first: what comes after may not be reached any more.
Result<void> wipe(Core& core) {
    auto wiped = core.engine.wipe();
    core.state = State::tampered;
    core.boot_key.forget();
    core.ceremony.close();
    return wiped;
}

}  // namespace firmware::app

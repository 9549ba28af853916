#pragma once

#include "firmware/activation/approvals.h"
#include "firmware/activation/challenge.h"
#include "firmware/activation/spent_ledger.h"
#include "firmware/audit/log.h"
#include "firmware/audit/result_table.h"
#include "firmware/boot/updater.h"
#include "firmware/ceremony/ceremony.h"
#include "firmware/command/host_keys.h"
#include "firmware/command/limits.h"
#include "firmware/command/list_shape.h"
#include "firmware/command/service_clock.h"
#include "firmware/command/service_rate.h"
#include "firmware/engine/digest.h"
#include "firmware/engine/engine.h"
#include "firmware/engine/primitives.h"
#include "firmware/hal/clock.h"
#include "firmware/keystore/group.h"
#include "firmware/keystore/revocation_table.h"
#include "firmware/selftest/integrity.h"
#include "hsm/protocol/message.h"

namespace firmware::command {

using hsm::Byte;
using hsm::ByteView;
using hsm::Digest;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;
using hsm::protocol::State;

enum class Separation : std::uint8_t { shared_uid = 0, own_uid = 1 };

// What this image and its host are; shown in info, receipts and attestations.
struct Settings {
    // SHA-256 of the release's header (firmware/boot/FORMAT.md); where no loader starts releases,
    // of the image.
    Digest firmware_hash{};
    hsm::protocol::AssuranceClass assurance_class = hsm::protocol::AssuranceClass::software;
    Separation separation = Separation::shared_uid;
    // The running image, to be hashed once more at the start and compared; empty where it cannot
    // be read (Linux).
    ByteView image{};
    Digest image_hash{};
};

// The world that the module is given. All of it outlives it and is called by its one thread.
struct Ports {
    engine::Engine& engine;
    storage::LogStore& store;
    hal::Clock& clock;
    const selftest::KnownAnswers& known_answers = selftest::known_answers;
    boot::Updater* updater = nullptr;  // none where no loader starts images (Linux)
    HostKeys* host_keys = nullptr;     // none where files say who may connect (Linux)
};

// The device identity; known once the engine is open.
struct Identity {
    bool known = false;
    Digest module_id{};  // SHA-256(spki)
    std::array<Byte, hsm::protocol::p256_spki_size> spki{};
};

// Who has approved the update that is under way.
struct UpdateApproval {
    Digest challenge{};  // zeros on a blank module, which has no officers
    activation::Accepted officers;
};

using Ledger =
    activation::SpentLedger<limits.window_sequences, limits.window_block, limits.batch_slots>;
using Results = audit::ResultTable<limits.results>;

// The generate_key whose pair the engine is making: the engine makes one at a time.
struct PendingKey {
    bool begun = false;
    Digest request{};            // hash of what was asked for, time aside
    std::uint64_t asked_ms = 0;  // when its host last did
};

// How far a live member's revocation table has come in.
struct TableProgress {
    Digest from_module{};
    std::uint64_t generation = 0;
    std::uint64_t next = 0;  // the cursor that the next page begins with; 0: the first
    std::uint32_t entries = 0;
};

// The TBSCertList that is coming in.
struct ListProgress {
    bool begun = false;
    std::uint32_t size = 0;
    std::uint32_t written = 0;
    engine::Sha256Stream hash;
    ListShape shape;
};

// Working memory of the command that runs: its response points into it until it is encoded.
struct Workspace {
    std::array<Byte, hsm::protocol::blob_size_max> blob{};
    std::array<Byte, hsm::protocol::record_size_max + 128> statement{};
    std::array<Byte, hsm::protocol::receipt_size_max> receipt{};
    std::array<Byte, hsm::protocol::message_size_max> records{};
    engine::SealedKey sealed;
    engine::Signature signature;
};

// All that the commands work on; one object, in static storage, for the module's one thread.
struct Core {
    Core(const Ports& ports, const Settings& image)
        : engine(ports.engine),
          store(ports.store),
          clock(ports.clock),
          updater(ports.updater),
          host_keys(ports.host_keys),
          settings(image),
          image_check(image.image, image.image_hash, engine::sha256),
          self_tests(ports.known_answers,
                     ports.clock,
                     {&engine::primitives(), &ports.engine, &image_check}),
          revocations(ports.store),
          log(ports.store, limits.log_room_kept) {}
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    audit::Stamp stamp(std::uint64_t host_time) {
        return {boot_counter, clock.tick_ms(), host_time};
    }

    engine::Engine& engine;
    storage::LogStore& store;
    hal::Clock& clock;
    boot::Updater* const updater;
    HostKeys* const host_keys;
    const Settings settings;
    selftest::ImageCheck image_check;
    selftest::SelfTests self_tests;

    State state = State::locked;
    Identity identity;
    std::uint64_t boot_counter = 0;
    hsm::protocol::Nonce provisioning_nonce{};

    keystore::Group group;
    keystore::RevocationTable revocations;
    activation::BootKey boot_key;
    Ledger ledger;
    audit::Log log;
    Results results;
    UpdateApproval update_approval;
    PendingKey pending_key;
    ceremony::Ceremony ceremony;
    TableProgress table_progress;
    ListProgress list;
    ServiceClock service_clock;
    ServiceRate service_rate{limits.services_per_second};
    bool unsynced = false;  // the store holds what is not durable yet

    Workspace workspace;
};

// Appends to the audit log, and notes that answers have to wait for a sync.
template <class Details>
Result<ByteView> append_record(Core& core,
                               hsm::protocol::RecordType type,
                               std::uint64_t host_time,
                               const Details& details) {
    core.unsynced = true;
    return core.log.append(type, core.stamp(host_time), details);
}

}  // namespace firmware::command

#pragma once

#include "hsm/protocol/types.h"

namespace firmware::engine {
class Engine;
}
namespace firmware::storage {
class LogStore;
}
namespace firmware::hal {
class Clock;
}

namespace firmware::app {

// The world that the module is given. All three outlive it and are called by its one thread.
struct Ports {
    engine::Engine& engine;
    storage::LogStore& store;
    hal::Clock& clock;
};

enum class Separation : std::uint8_t { shared_uid = 0, own_uid = 1 };

// What this image and its host are; shown in info, receipts and attestations.
struct Settings {
    hsm::Digest firmware_hash{};
    hsm::protocol::AssuranceClass assurance_class = hsm::protocol::AssuranceClass::software;
    Separation separation = Separation::shared_uid;
};

// When an answer may leave: at once, or only after sync() has succeeded.
enum class Durability : std::uint8_t { none, sync };

struct Answer {
    std::size_t size = 0;  // of the response at the start of the caller's buffer; never 0
    Durability durability = Durability::none;
};

// The cryptographic module, whole, without its wire: one thread calls it. Several megabytes with
// the limits of Linux, so it lives in static storage, never on a stack.
//
// The loop hands over every request that is ready, calls sync() once if any answer asks for it,
// and only then sends. When sync() fails, the module is `failed`, and the loop sends
// replace_held() in the place of every answer that waited.
class Module {
public:
    Module(const Ports& ports, const Settings& settings);
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;
    ~Module();

    // Reads the store, counts this start in it and draws the boot key. Afterwards the module is
    // `locked`. On an error it is `failed` and answers get_info only.
    hsm::Result<void> start();

    // Opens the engine (`secret_wrong`); then the module is `blank` or `operational`. A board gets
    // this through the command; a Linux process calls it with the PIN of its settings.
    hsm::Result<void> unlock(hsm::ByteView secret);

    // Answers one message (without its length prefix). `response` has at least message_size_max
    // bytes and does not overlap `request`. Whatever the request is, there is an answer.
    Answer handle(hsm::ByteView request, hsm::protocol::Role role, hsm::MutableBytes response);

    // Makes everything durable that was answered so far.
    hsm::Result<void> sync();

    // The refusal `storage_failed` with the request id of `held`; both may be the same buffer.
    static std::size_t replace_held(hsm::ByteView held, hsm::MutableBytes response);

    hsm::protocol::State state() const;

private:
    const Ports ports_;
    const Settings settings_;
};

}  // namespace firmware::app

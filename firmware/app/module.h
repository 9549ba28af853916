#pragma once

#include "firmware/command/commands.h"

namespace firmware::app {

using command::Ports;
using command::Separation;
using command::Settings;
using command::Work;

// When an answer may leave: at once, or only after sync() has succeeded.
enum class Durability : std::uint8_t { none, sync };

struct Answer {
    std::size_t size = 0;  // of the response at the start of the caller's buffer; never 0
    Durability durability = Durability::none;
};

// The cryptographic module, whole, without its wire: one thread calls it. With the limits of Linux
// it takes a megabyte, so it lives in static storage or on a heap, never on a stack.
//
// The loop hands over every request that is ready, calls sync() once if any answer asks for it,
// and only then sends. When sync() fails, the module is `failed`, and the loop sends
// replace_held() in the place of every answer that waited.
class Module {
public:
    Module(const Ports& ports, const Settings& settings);
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;

    // Tests the algorithms (`self_test_failed`), mounts the store (which has been formatted),
    // counts this start in it and draws the boot key. Afterwards the module is `locked`, or
    // `tampered` when its keys were wiped. On an error it is `failed` and answers get_info only.
    hsm::Result<void> start();

    // Opens the engine (`secret_wrong` leaves the module locked); then the module is `blank` or
    // `operational`. A board gets this through the command; a Linux process calls it with the PIN
    // of its settings. Followed by sync() like a command.
    hsm::Result<void> unlock(hsm::ByteView secret);

    // The tamper input, or whoever else has to end this module's keys: wipe() of lifecycle.h.
    // A panic handler, which must not trust RAM, calls FlashSecret::wipe() itself.
    hsm::Result<void> tamper();

    // Answers one message (without its length prefix). `response` has at least message_size_max
    // bytes and does not overlap `request`. Whatever the request is, there is an answer.
    Answer handle(hsm::ByteView request, hsm::protocol::Role role, hsm::MutableBytes response);

    // Makes everything durable that was answered so far.
    hsm::Result<void> sync();

    // What is left to do when no request is ready: a slice of it, about one exponentiation. A loop
    // calls it between its turns and does not sleep while the answer is `more`.
    Work work();

    // The refusal `storage_failed` with the request id of `held`; both may be the same buffer.
    static std::size_t replace_held(hsm::ByteView held, hsm::MutableBytes response);

    hsm::protocol::State state() const { return core_.state; }
    // The name of the self-test that failed, "none" when none has.
    std::string_view failed_self_test() const;

private:
    command::Core core_;
};

}  // namespace firmware::app

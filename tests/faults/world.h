#pragma once

#include "firmware/command/core.h"
#include "firmware/engine/psa/psa_engine.h"
#include "firmware/hal/rng.h"
#include "tests/faults/phone.h"

namespace tests::faults {

// An operational module with everything real but clock, flash and noise, and the people around it.
struct World {
    explicit World(firmware::command::Core& module) : core(module) {}

    firmware::command::Core& core;
    Phone signer;
    Phone thief;      // has a passkey, and nobody enrolled it
    Phone officer;    // one of one
    Phone custodian;  // two of two
    Phone other_custodian;
    firmware::engine::SealedKey key;  // the signer's
    // Mbed TLS's names of the keys above and of the module's own: all that have signed until then.
    hsm::protocol::BoundedList<std::uint32_t, 16> known_keys;
    bool is_ready = false;
};

// The one that world_start() has made.
World& world();

void set_tick(std::uint64_t now_ms);

// A person's policy with the one activation key `point`.
hsm::ByteView encode_policy(const hsm::protocol::Point& point,
                            hsm::MutableBytes buffer,
                            std::string_view site = origin);

}  // namespace tests::faults

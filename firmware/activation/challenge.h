#pragma once

#include "firmware/engine/digest.h"
#include "firmware/engine/engine.h"
#include "hsm/protocol/activation.h"

namespace firmware::activation {

using hsm::ByteView;
using hsm::Digest;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;
using hsm::protocol::ChallengePreimage;

struct OpenedChallenge {
    ByteView preimage;  // in the caller's buffer
    Digest mac{};
    Digest challenge{};  // SHA-256(preimage)
};

// The key under which this module recognises the activations that it opened: 32 random bytes,
// drawn at each start, kept in RAM, never shared, derived or stored. So an open activation costs
// no memory, no other module can make or accept one, and a restart ends them all.
class BootKey {
public:
    // `rng_failed`, `engine_failed`.
    Result<void> draw(engine::Engine& engine);

    // Ends every open activation.
    void forget() { key_.reset(); }

    Result<OpenedChallenge> seal(const ChallengePreimage& preimage, MutableBytes buffer) const;

    // The fields of a preimage, parsed only once the MAC over its bytes is right:
    // `activation_mac_wrong` otherwise, and for a preimage that this module never encoded.
    Result<ChallengePreimage> open(ByteView preimage, const Digest& mac) const;

private:
    Digest mac_of(ByteView preimage) const;

    engine::HmacKey key_;
};

// SHA-256 of the preimage: what the phone signed.
Digest challenge_of(ByteView preimage);

}  // namespace firmware::activation

#pragma once

#include "hsm/protocol/hpke.h"

namespace firmware::engine {

using hsm::ByteView;
using hsm::MutableBytes;
using hsm::Result;
using hsm::protocol::Point;

// A key pair that others seal to (hsm/protocol/hpke.h). It lives in RAM and is wiped with the
// object. Implemented once, in engine/psa, for every engine.
struct HpkeKeyPair {
    Point point{};
    hsm::Secret<32> scalar;
};

// `rng_failed`.
Result<HpkeKeyPair> make_hpke_key();

// Seals `plain` to `recipient` under a fresh encapsulated key; `ciphertext` has exactly
// hpke_tag_size bytes more than `plain`. `configuration_wrong` when `recipient` is no point of the
// curve.
Result<void> hpke_seal(const Point& recipient,
                       ByteView info,
                       ByteView plain,
                       Point& encapsulated,
                       MutableBytes ciphertext);

// `share_wrong`, and nothing in `plain`, when that was not sealed to this key under this info.
Result<void> hpke_open(const HpkeKeyPair& key,
                       ByteView info,
                       const Point& encapsulated,
                       ByteView ciphertext,
                       MutableBytes plain);

}  // namespace firmware::engine

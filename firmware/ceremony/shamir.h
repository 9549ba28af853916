#pragma once

#include <span>

#include "hsm/protocol/share.h"

// Shamir's secret sharing (CACM 22, 1979) of an epoch's secret, byte by byte over GF(2^8): share i
// is the value at i of a polynomial of degree m - 1 whose value at 0 is the secret. Fewer than m
// shares say nothing about it.
namespace firmware::ceremony {

using hsm::ByteView;
using hsm::Result;
using hsm::Status;
using hsm::protocol::EpochSecret;
using hsm::protocol::Share;
using hsm::protocol::ShareScheme;
using hsm::protocol::ShareSetId;

// Random bytes that split() needs for a scheme.
constexpr std::size_t coefficients_size(const ShareScheme& scheme) {
    return (scheme.threshold - 1u) * hsm::protocol::epoch_secret_size;
}
constexpr std::size_t coefficients_size_max =
    (hsm::protocol::custodians_max - 1) * hsm::protocol::epoch_secret_size;

// Fills `shares`, as many as scheme.count, with the indices 1, 2, …. `coefficients` is random, used
// once and wiped by the caller. `configuration_wrong` for a scheme that is not sound,
// `kek_wrong` for a secret of zeros: no generator gives one, a broken one does.
Result<void> split(const EpochSecret& secret,
                   const ShareScheme& scheme,
                   const ShareSetId& set_id,
                   ByteView coefficients,
                   std::span<Share> shares);

// The secret of exactly as many shares as their threshold says. `shares_missing` for fewer,
// `share_foreign` when one is of another set or threshold, or one too many; `share_repeated` for
// two with one index, `kek_wrong` when zeros come out. That each is the share that was given out
// is for the caller to see (share_commitment()): any other share gives another secret.
Result<EpochSecret> combine(std::span<const Share> shares);

}  // namespace firmware::ceremony

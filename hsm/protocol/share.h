#pragma once

#include "hsm/base/secret.h"
#include "hsm/protocol/types.h"

// One share of an epoch's secret: PROTOCOL.md "Shares". The bytes are what a custodian keeps, in a
// file or as words on paper.
namespace hsm::protocol {

constexpr std::size_t epoch_secret_size = 32;
constexpr std::size_t share_set_id_size = 8;
constexpr std::size_t share_check_size = 4;
constexpr std::size_t share_size =
    2 + share_set_id_size + epoch_secret_size + share_check_size;  // in bytes

using EpochSecret = Secret<epoch_secret_size>;
using ShareSetId = std::array<Byte, share_set_id_size>;
using ShareBytes = Secret<share_size>;

// m of n: m custodians together, n of them all. One custodian alone is for tests and single desks;
// of several, one must never be enough.
struct ShareScheme {
    std::uint8_t threshold = 0;
    std::uint8_t count = 0;

    constexpr bool is_sound() const {
        return count >= 1 && count <= custodians_max && threshold <= count &&
               (count == 1 ? threshold == 1 : threshold >= 2);
    }
};

struct Share {
    ShareSetId set_id{};         // the same in all shares that belong together, random
    std::uint8_t threshold = 0;  // how many of them give the secret back: 1 to custodians_max
    std::uint8_t index = 0;      // which of them this is: 1 to custodians_max
    Secret<epoch_secret_size> value;
};

ShareBytes encode_share(const Share& share, Sha256 sha256);

// `malformed` when that is no share, `share_wrong` when its check does not fit: mistyped.
Result<Share> decode_share(ByteView bytes, Sha256 sha256);

// What a share set tells the world about a share: nobody finds another share for it, and it gives
// nothing of this one away, whose value is 32 random bytes.
Digest share_commitment(ByteView encoded, Sha256 sha256);

}  // namespace hsm::protocol

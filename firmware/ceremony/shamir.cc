#include "firmware/ceremony/shamir.h"

#include "firmware/ceremony/gf256.h"

namespace firmware::ceremony {
namespace {

using hsm::Byte;
using hsm::protocol::custodians_max;
using hsm::protocol::epoch_secret_size;

bool is_zero(ByteView secret) {
    static constexpr std::array<Byte, epoch_secret_size> zeros{};
    return hsm::equal_constant_time(secret, zeros);
}

// The polynomial of byte `at` of the secret, highest coefficient first (Horner).
Byte value_at(Byte x, std::size_t at, ByteView secret, ByteView coefficients) {
    Byte value = 0;
    for (auto rest = coefficients; !rest.empty(); rest = rest.first(rest.size() - secret.size())) {
        value = gf256::multiply(gf256::add(value, rest.last(secret.size())[at]), x);
    }
    return gf256::add(value, secret[at]);
}

// Checks only what is public: set, threshold and indices.
Result<void> check_together(std::span<const Share> shares) {
    if (shares.empty() || shares.size() < shares[0].threshold) {
        return Status::shares_missing;
    }
    if (shares.size() > shares[0].threshold) {
        return Status::share_foreign;
    }
    unsigned seen = 0;
    for (const auto& share : shares) {
        if (share.set_id != shares[0].set_id || share.threshold != shares[0].threshold ||
            share.index == 0 || share.index > custodians_max ||
            share.value.size() != epoch_secret_size) {
            return Status::share_foreign;
        }
        const auto bit = 1u << share.index;
        if ((seen & bit) != 0) {
            return Status::share_repeated;
        }
        seen |= bit;
    }
    return {};
}

// Lagrange's weight of share `i` at 0: the product of x_j / (x_j - x_i) over the others. Indices
// are public.
Byte weight(std::span<const Share> shares, std::size_t i) {
    Byte numerator = 1;
    Byte denominator = 1;
    for (std::size_t j = 0; j < shares.size(); ++j) {
        if (j != i) {
            numerator = gf256::multiply(numerator, shares[j].index);
            denominator =
                gf256::multiply(denominator, gf256::add(shares[j].index, shares[i].index));
        }
    }
    return gf256::multiply(numerator, gf256::invert(denominator));
}

}  // namespace

Result<void> split(const EpochSecret& secret,
                   const ShareScheme& scheme,
                   const ShareSetId& set_id,
                   ByteView coefficients,
                   std::span<Share> shares) {
    CHECK(secret.size() == epoch_secret_size && shares.size() == scheme.count);
    if (!scheme.is_sound()) {
        return Status::configuration_wrong;
    }
    CHECK(coefficients.size() == coefficients_size(scheme));
    if (is_zero(secret.reveal())) {
        return Status::kek_wrong;
    }
    for (std::uint8_t i = 0; i < scheme.count; ++i) {
        auto& share = shares[i];
        share.set_id = set_id;
        share.threshold = scheme.threshold;
        share.index = static_cast<std::uint8_t>(i + 1);
        for (std::size_t at = 0; at < epoch_secret_size; ++at) {
            share.value.storage()[at] = value_at(share.index, at, secret.reveal(), coefficients);
        }
        share.value.resize(epoch_secret_size);
    }
    return {};
}

Result<EpochSecret> combine(std::span<const Share> shares) {
    TRY(check_together(shares));
    EpochSecret secret;
    secret.resize(epoch_secret_size);
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const auto factor = weight(shares, i);
        for (std::size_t at = 0; at < epoch_secret_size; ++at) {
            auto& byte = secret.storage()[at];
            byte = gf256::add(byte, gf256::multiply(factor, shares[i].value.reveal()[at]));
        }
    }
    if (is_zero(secret.reveal())) {
        return Status::kek_wrong;
    }
    return secret;
}

}  // namespace firmware::ceremony

#include "firmware/ceremony/shamir.h"

#include <gtest/gtest.h>

#include "firmware/ceremony/gf256.h"
#include "firmware/engine/digest.h"
#include "tests/support/ceremony_vectors.h"

namespace {

using namespace firmware::ceremony;
using hsm::Byte;
using hsm::protocol::encode_share;
using hsm::protocol::share_commitment;
using tests::support::ceremony_vectors;
using tests::support::hex_array;
using tests::support::hex_bytes;
using Shares = std::vector<Share>;

EpochSecret secret_of(ByteView bytes) {
    EpochSecret secret;
    CHECK(secret.assign(bytes));
    return secret;
}

Share copy_of(const Share& share) {
    Share copy;
    copy.set_id = share.set_id;
    copy.threshold = share.threshold;
    copy.index = share.index;
    CHECK(copy.value.assign(share.value.reveal()));
    return copy;
}

std::vector<Byte> some_bytes(std::size_t size, Byte seed) {
    std::vector<Byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<Byte>(seed + 37 * i + i / 8);
    }
    return bytes;
}

Shares shares_of(const ShareScheme& scheme, Byte seed = 1, const ShareSetId& set_id = {7}) {
    Shares shares(scheme.count);
    const auto secret = secret_of(some_bytes(32, seed));
    const auto coefficients = some_bytes(coefficients_size(scheme), static_cast<Byte>(seed + 100));
    CHECK(split(secret, scheme, set_id, coefficients, shares).has_value());
    return shares;
}

Status status_of(const Result<EpochSecret>& combined) {
    return combined ? Status::ok : combined.error();
}

Shares pick(const Shares& from, std::initializer_list<std::size_t> which) {
    Shares picked;
    for (const auto i : which) {
        picked.push_back(copy_of(from[i]));
    }
    return picked;
}

TEST(Gf256, MultipliesAsFips197Does) {
    for (const auto& row : ceremony_vectors().at("products").as_array()) {
        const auto a = static_cast<Byte>(row.at(0).as_int64());
        const auto b = static_cast<Byte>(row.at(1).as_int64());
        EXPECT_EQ(gf256::multiply(a, b), row.at(2).as_int64());
        EXPECT_EQ(gf256::multiply(b, a), row.at(2).as_int64());
    }
}

TEST(Gf256, InvertsEveryElement) {
    const auto& inverses = ceremony_vectors().at("inverses").as_array();
    ASSERT_EQ(inverses.size(), 255u);
    for (unsigned a = 1; a < 256; ++a) {
        EXPECT_EQ(gf256::invert(static_cast<Byte>(a)), inverses[a - 1].as_int64());
        EXPECT_EQ(gf256::multiply(static_cast<Byte>(a), gf256::invert(static_cast<Byte>(a))), 1);
    }
    EXPECT_EQ(gf256::invert(0), 0);
}

TEST(Shamir, SplitsAsAnotherImplementationDoes) {
    for (const auto& row : ceremony_vectors().at("share_sets").as_array()) {
        const auto& expected = row.at("shares").as_array();
        const ShareScheme scheme{static_cast<std::uint8_t>(row.at("threshold").as_int64()),
                                 static_cast<std::uint8_t>(expected.size())};
        Shares shares(scheme.count);

        ASSERT_TRUE(split(secret_of(hex_bytes(row.at("secret"))),
                          scheme,
                          hex_array<8>(row.at("set_id")),
                          hex_bytes(row.at("coefficients")),
                          shares));

        for (std::size_t i = 0; i < shares.size(); ++i) {
            const auto encoded = encode_share(shares[i], firmware::engine::sha256);
            EXPECT_TRUE(hsm::equal(encoded.reveal(), hex_bytes(expected[i])));
            EXPECT_EQ(share_commitment(encoded.reveal(), firmware::engine::sha256),
                      hex_array<32>(row.at("commitments").at(i)));
        }
    }
}

TEST(Shamir, CombinesWhatAnotherImplementationSplit) {
    for (const auto& row : ceremony_vectors().at("share_sets").as_array()) {
        const auto& encoded = row.at("shares").as_array();
        const auto threshold = static_cast<std::size_t>(row.at("threshold").as_int64());
        Shares last;
        for (std::size_t i = encoded.size() - threshold; i < encoded.size(); ++i) {
            auto share =
                hsm::protocol::decode_share(hex_bytes(encoded[i]), firmware::engine::sha256);
            ASSERT_TRUE(share);
            last.push_back(*std::move(share));
        }
        std::ranges::reverse(last);

        const auto secret = combine(last);

        ASSERT_TRUE(secret);
        EXPECT_TRUE(hsm::equal(secret->reveal(), hex_bytes(row.at("secret"))));
    }
}

TEST(Shamir, AnyThresholdOfThemGivesTheSecretBack) {
    const auto shares = shares_of({3, 5});
    for (std::size_t a = 0; a < 5; ++a) {
        for (std::size_t b = a + 1; b < 5; ++b) {
            for (std::size_t c = b + 1; c < 5; ++c) {
                const auto secret = combine(pick(shares, {c, a, b}));
                ASSERT_TRUE(secret);
                EXPECT_TRUE(hsm::equal(secret->reveal(), some_bytes(32, 1)));
            }
        }
    }
}

// For m - 1 shares and any secret at all there is a polynomial: each value of the missing share
// gives another secret, so those that are there tell nothing.
TEST(Shamir, FewerThanTheThresholdFitEverySecret) {
    auto shares = pick(shares_of({3, 5}), {0, 2, 4});
    std::vector<bool> seen(256);
    for (unsigned missing = 0; missing < 256; ++missing) {
        shares[2].value.storage()[9] = static_cast<Byte>(missing);
        const auto secret = combine(shares);
        ASSERT_TRUE(secret);
        seen[secret->reveal()[9]] = true;
    }
    EXPECT_TRUE(std::ranges::all_of(seen, [](bool one) { return one; }));
}

TEST(Shamir, RefusesTooFewRepeatedAndForeignShares) {
    const auto shares = shares_of({3, 5});
    const auto foreign = shares_of({3, 5}, 2, {8});
    const auto others = shares_of({2, 5});

    EXPECT_EQ(status_of(combine({})), Status::shares_missing);
    EXPECT_EQ(status_of(combine(pick(shares, {0, 1}))), Status::shares_missing);
    EXPECT_EQ(status_of(combine(pick(shares, {0, 1, 1}))), Status::share_repeated);
    EXPECT_EQ(status_of(combine(pick(shares, {0, 1, 2, 3}))), Status::share_foreign);
    auto mixed = pick(shares, {0, 1});
    mixed.push_back(copy_of(foreign[2]));
    EXPECT_EQ(status_of(combine(mixed)), Status::share_foreign);
    mixed.back() = copy_of(others[2]);
    EXPECT_EQ(status_of(combine(mixed)), Status::share_foreign);
    mixed.back() = copy_of(shares[2]);
    mixed.back().index = 0;
    EXPECT_EQ(status_of(combine(mixed)), Status::share_foreign);
    mixed.back() = copy_of(shares[2]);
    EXPECT_EQ(status_of(combine(mixed)), Status::ok);
}

TEST(Shamir, RefusesASecretOfZeros) {
    Shares shares(2);
    EpochSecret zeros;
    zeros.resize(32);
    const auto refused = split(zeros, {2, 2}, {}, some_bytes(32, 1), shares);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), Status::kek_wrong);

    for (std::uint8_t i = 0; i < 2; ++i) {
        shares[i].threshold = 2;
        shares[i].index = static_cast<std::uint8_t>(i + 1);
        shares[i].value.resize(32);
    }
    EXPECT_EQ(status_of(combine(shares)), Status::kek_wrong);
}

TEST(Shamir, RefusesSchemesThatAreNotSound) {
    for (const ShareScheme scheme :
         {ShareScheme{1, 2}, {0, 1}, {0, 2}, {3, 2}, {9, 9}, {2, 9}, {2, 1}}) {
        EXPECT_FALSE(scheme.is_sound()) << int{scheme.threshold} << " of " << int{scheme.count};
    }
    for (const ShareScheme scheme : {ShareScheme{1, 1}, {2, 2}, {2, 3}, {8, 8}}) {
        EXPECT_TRUE(scheme.is_sound());
    }
    Shares shares(2);
    const auto refused = split(secret_of(some_bytes(32, 1)), {1, 2}, {}, some_bytes(32, 1), shares);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), Status::configuration_wrong);
}

TEST(Share, EveryFlippedBitIsSeen) {
    const auto encoded = encode_share(shares_of({2, 3})[1], firmware::engine::sha256);
    for (std::size_t bit = 0; bit < 8 * hsm::protocol::share_size; ++bit) {
        auto bytes = std::vector<Byte>(encoded.reveal().begin(), encoded.reveal().end());
        bytes[bit / 8] ^= static_cast<Byte>(1u << bit % 8);
        const auto decoded = hsm::protocol::decode_share(bytes, firmware::engine::sha256);
        ASSERT_FALSE(decoded) << bit;
        EXPECT_EQ(decoded.error(), bit < 8 ? Status::malformed : Status::share_wrong);
    }
    EXPECT_FALSE(hsm::protocol::decode_share(encoded.reveal().first(45), firmware::engine::sha256));
}

}  // namespace

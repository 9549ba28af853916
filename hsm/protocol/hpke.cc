#include "hsm/protocol/hpke.h"

namespace hsm::protocol {
namespace {

constexpr std::string_view version = "HPKE-v1";
constexpr std::array<Byte, 5> kem_suite = {'K', 'E', 'M', 0x00, 0x10};
constexpr std::array<Byte, 10> hpke_suite = {
    'H', 'P', 'K', 'E', 0x00, 0x10, 0x00, 0x01, 0x00, 0x02};
constexpr Byte base_mode = 0;

using Key = Secret<32>;

Key secret_of(Digest& digest) {
    Key key;
    CHECK(key.assign(digest));
    base::zeroize(digest);
    return key;
}

// §4 LabeledExtract. RFC 5869 §2.2: no salt is a salt of zeros.
Key labeled_extract(
    ByteView suite, ByteView salt, std::string_view label, ByteView ikm, HmacSha256 hmac) {
    static constexpr std::array<Byte, 32> no_salt{};
    const std::array parts = {view_of(version), suite, view_of(label), ikm};
    auto digest = hmac(salt.empty() ? ByteView(no_salt) : salt, parts);
    return secret_of(digest);
}

// §4 LabeledExpand; at most one block of HKDF-Expand is ever asked for.
Key labeled_expand(ByteView suite,
                   const Key& prk,
                   std::string_view label,
                   std::span<const ByteView> info,
                   std::size_t size,
                   HmacSha256 hmac) {
    CHECK(size <= Key::size_max && info.size() <= 3);
    const std::array<Byte, 2> length = {0, static_cast<Byte>(size)};
    static constexpr std::array<Byte, 1> first_block = {1};
    std::array<ByteView, 8> parts = {length, view_of(version), suite, view_of(label)};
    std::ranges::copy(info, parts.begin() + 4);
    parts[4 + info.size()] = first_block;
    auto digest = hmac(prk.reveal(), std::span(parts).first(5 + info.size()));
    auto key = secret_of(digest);
    key.resize(size);
    return key;
}

}  // namespace

HpkeKeys derive_hpke_keys(ByteView agreed,
                          const Point& encapsulated,
                          const Point& recipient,
                          ByteView info,
                          HmacSha256 hmac) {
    const auto eae_prk = labeled_extract(kem_suite, {}, "eae_prk", agreed, hmac);
    const std::array<ByteView, 2> kem_context = {encapsulated, recipient};
    const auto shared = labeled_expand(kem_suite, eae_prk, "shared_secret", kem_context, 32, hmac);

    const auto psk_id_hash = labeled_extract(hpke_suite, {}, "psk_id_hash", {}, hmac);
    const auto info_hash = labeled_extract(hpke_suite, {}, "info_hash", info, hmac);
    static constexpr std::array<Byte, 1> mode = {base_mode};
    const std::array<ByteView, 3> context = {mode, psk_id_hash.reveal(), info_hash.reveal()};
    const auto secret = labeled_extract(hpke_suite, shared.reveal(), "secret", {}, hmac);

    HpkeKeys keys;
    keys.key = labeled_expand(hpke_suite, secret, "key", context, 32, hmac);
    const auto nonce =
        labeled_expand(hpke_suite, secret, "base_nonce", context, hpke_nonce_size, hmac);
    std::ranges::copy(nonce.reveal(), keys.nonce.begin());
    return keys;
}

}  // namespace hsm::protocol

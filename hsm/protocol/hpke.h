#pragma once

#include "hsm/base/secret.h"
#include "hsm/protocol/types.h"

// Hybrid public key encryption (RFC 9180), base mode, one message for one encapsulated key, no
// associated data: DHKEM(P-256, HKDF-SHA256) 0x0010, HKDF-SHA256 0x0001, AES-256-GCM 0x0002. Here
// is what both ends compute alike; agreement and cipher are Mbed TLS's or OpenSSL's.
namespace hsm::protocol {

constexpr std::size_t hpke_tag_size = 16;
constexpr std::size_t hpke_nonce_size = 12;
constexpr std::size_t hpke_info_size_max = 96;

// HMAC-SHA-256 over the concatenation of `parts`.
using HmacSha256 = Digest (*)(ByteView key, std::span<const ByteView> parts);

struct HpkeKeys {
    Secret<32> key;
    std::array<Byte, hpke_nonce_size> nonce{};
};

// §4.1 ExtractAndExpand and §5.1 KeySchedule. `agreed` is the x-coordinate of the ECDH result.
HpkeKeys derive_hpke_keys(ByteView agreed,
                          const Point& encapsulated,
                          const Point& recipient,
                          ByteView info,
                          HmacSha256 hmac);

}  // namespace hsm::protocol

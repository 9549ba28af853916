#pragma once

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

// AES-256 key wrap with padding, RFC 5649. The one place with a call of Mbed TLS that is not PSA's:
// 3.6 wraps no keys through PSA.
namespace firmware::engine::psa {

constexpr std::size_t kek_size = 32;

// RFC 5649 §4.1: 8 bytes before the plaintext, padded to a multiple of 8.
constexpr std::size_t kwp_size(std::size_t plain_size) {
    return 8 + (plain_size + 7) / 8 * 8;
}

// The number of bytes written. `engine_failed` when `out` is too small or `plain` empty.
hsm::Result<std::size_t> kwp_wrap(hsm::ByteView kek, hsm::ByteView plain, hsm::MutableBytes out);

// The number of bytes written; `out` must have room for `wrapped` without its first 8 bytes.
// `blob_malformed` when `wrapped` was not made under `kek`; nothing is left in `out` then.
hsm::Result<std::size_t> kwp_unwrap(hsm::ByteView kek,
                                    hsm::ByteView wrapped,
                                    hsm::MutableBytes out);

}  // namespace firmware::engine::psa

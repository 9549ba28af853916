#pragma once

#include <array>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "hsm/openssl/pointers.h"
#include "hsm/protocol/types.h"

// Messages that a push service carries and cannot read (RFC 8291 over RFC 8188's aes128gcm).
namespace cloudsign::push {

// What a browser made for one subscription.
struct SubscriptionKeys {
    hsm::protocol::Point p256dh{};
    std::array<hsm::Byte, 16> auth{};
};

using Salt = std::array<hsm::Byte, 16>;

// What a push service must take is 4,096 bytes, of which the header is 86 and the end of the one
// record 17 (RFC 8291 §4).
constexpr std::size_t push_message_max = 4096 - 86 - 17;

// A message's body for the push service, under a key pair and a salt of its own. `invalid` when
// `p256dh` is no point of the curve or the message is too long.
Result<Bytes> encrypt_message(const SubscriptionKeys& keys, hsm::ByteView message);

// The same with a given key pair and salt, neither of which may be used twice: for known answers.
Result<Bytes> encrypt_message(const SubscriptionKeys& keys,
                              hsm::ByteView message,
                              EVP_PKEY* sender,
                              const Salt& salt);

}  // namespace cloudsign::push

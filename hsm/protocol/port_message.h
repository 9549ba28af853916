#pragma once

#include <optional>

#include "hsm/base/byte_reader.h"
#include "hsm/base/byte_writer.h"
#include "hsm/protocol/types.h"

// What a board's port image (firmware/port) and whoever is at the other end of its line say to each
// other, one question at a time. Big-endian:
//
//   question  u16 size of the rest, u8 operation, u8 tag, fields
//   answer    u16 size of the rest, u8 operation, u8 tag, u32 status word, u32 ticks, fields
//   field     u16 size, bytes
//
// The tag comes back, so that an answer to somebody before is told apart; the image's own `hello`
// after a reset has tag 0. Nothing here is protected: it is no part of a release image.
namespace hsm::protocol::port {

enum class Operation : std::uint8_t {
    hello = 0,  // → board's name, unique id, u8 number of checks, u32 ticks a second, u8 cause of
                //   the last panic
    check = 1,  // u8 number → name, what is wrong
    clock = 2,  // → u64 ms
    inputs = 3,  // → u8 button, u8 tamper
    // → nothing at once; then the board erases and looks at nothing for a while; then, when
    // burst_size bytes that were sent meanwhile have come, a second answer → u32 CRC-32C of them
    burst = 4,
    hang = 5,  // → nothing; then the watchdog has to end it
    // u8 key type, scheme, digest, salt, encoding (raw_keys.h) as one field; key, message,
    // signature → status alone
    verify = 6,
    kwp_wrap = 7,    // KEK, plaintext → wrapped
    kwp_unwrap = 8,  // KEK, wrapped → plaintext
    gcm_open = 9,    // key, nonce, associated data, ciphertext with tag → plaintext
    hmac = 10,       // u8 digest, key, message → MAC
    hkdf = 11,       // u8 digest, secret, salt, info, u16 size → that many bytes
    module = 12,     // u8 role, request → response; u32 psa_sign_hash calls, their ticks,
                     //   psa_verify_hash calls, their ticks. Ticks of the answer: this command's
};

// As much as hal::Link promises to hold.
constexpr std::size_t burst_size = 4096;
constexpr std::uint32_t hang_period_ms = 200;
// Longer silence in the middle of a question, and what came of it is forgotten: it was garbage.
constexpr std::uint32_t question_pause_max_ms = 500;

constexpr std::size_t size_prefix = 2;
constexpr std::size_t question_head_size = 2;
constexpr std::size_t answer_head_size = 10;
constexpr std::size_t message_size_max = 9 * 1024;  // of a whole message; an HKDF gives 8,160 bytes
static_assert(message_size_max > protocol::message_size_max + 64);

struct Question {
    Operation operation;
    std::uint8_t tag;
    ByteReader fields;
};

inline Result<ByteView> take_field(ByteReader& fields) {
    TRY_ASSIGN(const auto size, fields.u16());
    return fields.take(size);
}

inline void put_field(ByteWriter& writer, ByteView bytes) {
    writer.u16(static_cast<std::uint16_t>(bytes.size()));
    writer.bytes(bytes);
}

}  // namespace hsm::protocol::port

#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

namespace firmware::engine {

// SHA-256 over the concatenation of `parts`. Implemented once, in engine/psa, for every engine:
// hashing needs no key.
hsm::Digest sha256(std::span<const hsm::ByteView> parts);

// Bytes that do not lie in memory as one.
class ByteSource {
public:
    // The next piece, valid until the next call; empty after the last. Errors end the reading.
    virtual hsm::Result<hsm::ByteView> next() = 0;

protected:
    ~ByteSource() = default;
};

// SHA-256 over all that `source` gives; its error if it has one.
hsm::Result<hsm::Digest> sha256(ByteSource& source);

// SHA-256 over what comes in pieces, with other work between them.
class Sha256Stream {
public:
    Sha256Stream() = default;
    Sha256Stream(const Sha256Stream&) = delete;
    Sha256Stream& operator=(const Sha256Stream&) = delete;
    ~Sha256Stream() { reset(); }

    // Begins anew, whatever was under way.
    void begin();
    void update(hsm::ByteView piece);
    // Of all since begin(); may be asked again, and more may follow.
    hsm::Digest digest() const;
    void reset();

private:
    static constexpr std::size_t state_size = 256;  // at least Mbed TLS's operation
    alignas(std::max_align_t) std::array<hsm::Byte, state_size> state_{};
    bool running_ = false;
};

// HMAC-SHA-256 under a key that is used once.
hsm::Digest hmac_sha256(hsm::ByteView key, std::span<const hsm::ByteView> parts);

// An HMAC-SHA-256 key that lives in the module's RAM only, and is wiped with this object.
class HmacKey {
public:
    HmacKey() = default;
    HmacKey(HmacKey&& other) noexcept : id_(std::exchange(other.id_, 0)) {}
    HmacKey& operator=(HmacKey&& other) noexcept;
    HmacKey(const HmacKey&) = delete;
    HmacKey& operator=(const HmacKey&) = delete;
    ~HmacKey() { reset(); }

    // `engine_failed` when there is no room for another key.
    static hsm::Result<HmacKey> import(hsm::ByteView key);
    void reset();

    // Over the concatenation of `parts`.
    hsm::Digest mac(std::span<const hsm::ByteView> parts) const;

private:
    std::uint32_t id_ = 0;  // Mbed TLS's; 0: no key
};

}  // namespace firmware::engine

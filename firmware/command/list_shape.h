#pragma once

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

namespace firmware::command {

// Whether bytes that come in pieces have the structure of a TBSCertList (RFC 5280 §5.1.2) of
// version 2 with nextUpdate and extensions, in DER:
//
//   SEQUENCE { INTEGER 1, SEQUENCE signature, SEQUENCE issuer, Time thisUpdate, Time nextUpdate,
//              SEQUENCE revokedCertificates OPTIONAL, [0] crlExtensions }
//
// No TBSCertificate has it. With a version (v2, v3) one begins with [0]; without (v1), its serial
// number, which may be 1, stands where the version stands here and signature and issuer follow, but
// then comes its validity, a SEQUENCE, where a list has a Time. So one key may sign both, lists
// without anybody's approval. What lies inside the elements is the host's.
class ListShape {
public:
    void begin(std::uint32_t size);

    // The next bytes, at most as many as begin() was told. `content_wrong`.
    hsm::Result<void> take(hsm::ByteView bytes);

    // All bytes have come, and with them all elements.
    bool is_whole() const;

private:
    enum class Position : std::uint8_t {
        outer,
        version,
        signature,
        issuer,
        this_update,
        next_update,
        revoked,
        end
    };
    static constexpr std::size_t head_size_max = 5;  // a tag, 0x83, three bytes of length

    hsm::Result<bool> read_head(hsm::Byte byte);
    hsm::Result<void> enter(hsm::Byte tag, std::uint32_t length);
    hsm::Result<void> take_element(hsm::Byte tag, std::uint32_t length);

    Position position_ = Position::outer;
    std::array<hsm::Byte, head_size_max> head_{};
    std::size_t head_size_ = 0;
    std::uint32_t left_ = 0;      // of the whole
    std::uint32_t to_skip_ = 0;   // of the element that is being read
    bool version_value_ = false;  // the next byte is the version
    bool revoked_taken_ = false;
};

}  // namespace firmware::command

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hsm/openssl/bytes.h"

// RFC 4648. The decoders take one spelling of each byte string: whitespace, characters of the other
// alphabet, wrong padding and non-zero trailing bits (§3.5) are refused.
namespace hsm::openssl {

// §4: the standard alphabet with padding.
std::string base64(ByteView bytes);
std::optional<Bytes> from_base64(std::string_view text);

// §5: the URL alphabet; without padding, which the decoder refuses too.
std::string base64url(ByteView bytes);
std::optional<Bytes> from_base64url(std::string_view text);

// As above, into memory that is there already: `text` is replaced, keeping its capacity.
void base64url_into(ByteView bytes, std::string& text);
// False when `text` is not the encoding of exactly `bytes.size()` bytes; `bytes` is then undefined.
[[nodiscard]] bool from_base64url_into(std::string_view text, MutableBytes bytes);

}  // namespace hsm::openssl

namespace hsm {
using openssl::base64;
using openssl::base64url;
using openssl::base64url_into;
using openssl::from_base64;
using openssl::from_base64url;
using openssl::from_base64url_into;
}  // namespace hsm

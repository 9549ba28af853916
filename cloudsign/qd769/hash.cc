#include "cloudsign/qd769/hash.h"

#include "cloudsign/base64.h"
#include "cloudsign/hex.h"

namespace cloudsign::qd769 {
namespace {

bool is_digest(const std::optional<Bytes>& bytes) {
    return bytes && (bytes->size() == 32 || bytes->size() == 48 || bytes->size() == 64);
}

}  // namespace

std::optional<Bytes> read_hash(std::string_view text) {
    if (auto bytes = from_hex(text); is_digest(bytes)) {
        return bytes;
    }
    if (auto bytes = from_base64(text); is_digest(bytes)) {
        return bytes;
    }
    return std::nullopt;
}

}  // namespace cloudsign::qd769

#include "hsm/softphone/sha256.h"

// The low-level calls: OpenSSL 3's EVP layer fetches and allocates for each digest, which costs
// more than hashing the short inputs that a hash tree has.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

namespace hsm::softphone {

Digest sha256(std::span<const ByteView> parts) {
    SHA256_CTX context;
    Digest digest;
    CHECK(SHA256_Init(&context) == 1);
    for (const auto part : parts) {
        CHECK(SHA256_Update(&context, part.data(), part.size()) == 1);
    }
    CHECK(SHA256_Final(digest.data(), &context) == 1);
    return digest;
}

Digest sha256(ByteView bytes) {
    return sha256(std::span(&bytes, 1));
}

Digest sha256(std::string_view text) {
    return sha256(view_of(text));
}

}  // namespace hsm::softphone

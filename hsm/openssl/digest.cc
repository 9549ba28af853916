// SHA-256 by the low-level calls: OpenSSL 3's EVP layer fetches and allocates for each digest,
// which costs more than hashing the short inputs that a hash tree has.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "hsm/openssl/digest.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

namespace hsm::openssl {

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

const EVP_MD* message_digest(protocol::DigestAlgorithm algorithm) {
    switch (algorithm) {
        case protocol::DigestAlgorithm::sha256:
            return EVP_sha256();
        case protocol::DigestAlgorithm::sha384:
            return EVP_sha384();
        case protocol::DigestAlgorithm::sha512:
            return EVP_sha512();
    }
    return nullptr;
}

Bytes digest_of(ByteView bytes, protocol::DigestAlgorithm algorithm) {
    Bytes digest(protocol::digest_length(algorithm));
    CHECK(EVP_Digest(bytes.data(),
                     bytes.size(),
                     digest.data(),
                     nullptr,
                     message_digest(algorithm),
                     nullptr) == 1);
    return digest;
}

}  // namespace hsm::openssl

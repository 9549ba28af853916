#include "hsm/cli/sha256.h"

#include <memory>

#include <openssl/evp.h>

namespace hsm::cli {

Digest sha256(std::span<const ByteView> parts) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> context(::EVP_MD_CTX_new(),
                                                                            ::EVP_MD_CTX_free);
    CHECK(context != nullptr && ::EVP_DigestInit_ex(context.get(), ::EVP_sha256(), nullptr) == 1);
    for (const auto part : parts) {
        CHECK(::EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
    }
    Digest digest{};
    CHECK(::EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
    return digest;
}

}  // namespace hsm::cli

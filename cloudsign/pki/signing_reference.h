#pragma once

#include <optional>

#include "cloudsign/pki/signing_context.h"

// Between SigningKey and the provider; nobody else includes this.
namespace cloudsign::pki {

// What a key of the provider stands for. OpenSSL counts references to its keys, so it may outlive
// the call but not the SigningKey.
struct SigningReference {
    ExternalSigner* signer = nullptr;
    std::optional<Error> error;
    std::size_t signature_size_max = 0;  // once the key is there
};

// The parameter by which EVP_PKEY_fromdata() is handed a SigningReference*.
inline constexpr const char* signer_parameter = "kyso-signer";
inline constexpr const char* provider_name = "kyso";

extern "C" int kyso_provider_init(const OSSL_CORE_HANDLE* handle,
                                  const OSSL_DISPATCH* in,
                                  const OSSL_DISPATCH** out,
                                  void** provider_context);

}  // namespace cloudsign::pki

#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "hsm/openssl/bytes.h"
#include "hsm/openssl/pointers.h"
#include "hsm/protocol/types.h"

namespace hsm::openssl {

std::string_view class_name(protocol::AssuranceClass assurance_class);
std::optional<protocol::AssuranceClass> class_named(std::string_view name);

// A module's device certificate, issued by one of the roots that the verifier brought along: never
// roots that the server supplied. It states its class in OU.
struct DeviceCertificate {
    Digest module_id{};  // SHA-256(spki)
    protocol::AssuranceClass assurance_class = protocol::AssuranceClass::software;
    Bytes spki;
    X509Ptr root;  // test roots say TEST in their name
};

// `certificate_wrong` when none of `roots` (DER) issued it, or it states no class. Its dates are
// not judged: what a module said outlives its certificate.
Result<DeviceCertificate> verify_device_certificate(ByteView certificate,
                                                    std::span<const Bytes> roots);

// ECDSA with SHA-256, DER, by the key in this SubjectPublicKeyInfo.
bool verify_es256(ByteView spki, ByteView message, ByteView signature);

}  // namespace hsm::openssl

#pragma once

#include <string_view>
#include <vector>

#include "hsm/openssl/device_certificate.h"
#include "hsm/openssl/p256_key.h"

// The certificates of modules: who made them, and of which class they are. Verifiers take the root
// as input, never from the server. In DER here.
//
// Root:   self-signed, CN=Kyso TEST module root, CA with path length 0.
// Device: CN=Kyso module <first 16 hex digits of the module id>, OU=software|emulated|hardware (the
//         assurance class: RFC 5280 has no place of its own for it, and every tool shows an OU);
//         key usage digitalSignature; 20 years, since nobody renews a device in the field.
namespace hsm::cli {

inline constexpr std::string_view test_root_name = "Kyso TEST module root";

using openssl::class_name;
using openssl::P256Key;

// A new certificate for the same key each time; any of them verifies what the key issued.
std::vector<Byte> make_test_root_certificate(const P256Key& root);

// `certificate_wrong` when the SPKI is no P-256 key.
Result<std::vector<Byte>> issue_device_certificate(const P256Key& root,
                                                   ByteView identity_spki,
                                                   protocol::AssuranceClass assurance_class);

// What a custodian checks before signing: issued by this root for this key and this class.
bool is_device_certificate(const P256Key& root,
                           ByteView certificate,
                           ByteView identity_spki,
                           protocol::AssuranceClass assurance_class);

}  // namespace hsm::cli

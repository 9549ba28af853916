#pragma once

#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "hsm/protocol/types.h"

namespace cloudsign::audit {

// A module's device certificate, checked against roots that the verifier brought along: never
// roots that the server supplied.
struct DeviceCertificate {
    hsm::Digest module_id{};  // SHA-256 of the certified key's SubjectPublicKeyInfo
    hsm::protocol::AssuranceClass assurance_class = hsm::protocol::AssuranceClass::software;
    std::string root_subject;  // test roots say TEST in their name
    Bytes spki;
};

// `invalid` with the reason when the certificate is not issued by one of `roots` (DER) or does not
// state its class in OU.
Result<DeviceCertificate> verify_device_certificate(hsm::ByteView certificate,
                                                    const std::vector<Bytes>& roots);

// True when `signature` (DER ECDSA P-256) is the device's over SHA-256(statement).
bool verify_device_signature(const DeviceCertificate& device,
                             hsm::ByteView statement,
                             hsm::ByteView signature);

std::string_view class_name(hsm::protocol::AssuranceClass assurance_class);

}  // namespace cloudsign::audit

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "server/api/qd769/caller.h"

// What a portal asks, in either shape: file_type and sign_type beside the hash (VNPT), or in
// file_options (NEAC to a provider).
namespace server::api::qd769 {

struct SignFile {
    std::string doc_id;
    std::string
        label;  // what the signer is shown: the doc_id, and the file's name where it has one
    cloudsign::Bytes hash;
};

struct SignRequest {
    std::string user_id;
    std::string transaction_id;
    std::string serial_number;  // upper case, without leading zeros; empty: the only one there is
    std::string description;
    std::string ca_name;  // hub: which provider; empty: whichever knows the person
    std::vector<SignFile> files;

    // SHA-256 of all of it: the same transaction_id asks the same.
    hsm::Digest fingerprint() const;
};

Checked<SignRequest> read_sign_request(const boost::json::object& body);

struct CertificateRequest {
    std::string user_id;
    std::string serial_number;
    std::string transaction_id;
    std::string ca_name;
};
Checked<CertificateRequest> read_certificate_request(const boost::json::object& body);

}  // namespace server::api::qd769

#pragma once

#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::credential {

// One certificate of an issuance: whose, and what is to be signed. Of a renewal: the serial number
// of the certificate whose place it takes, and whether that one is revoked then.
struct IssuanceEntry {
    std::string credential_id;
    Bytes tbs;
    std::string renews{};
    bool supersedes = false;
};

// The payload of an issue transaction, in the order of its documents.
std::string write_issuance(const std::vector<IssuanceEntry>& entries);
Result<std::vector<IssuanceEntry>> read_issuance(const std::string& payload);

// The payload of a bind transaction: the statement that is approved.
std::string write_binding(const Bytes& statement);
Result<Bytes> read_binding(const std::string& payload);

}  // namespace cloudsign::credential

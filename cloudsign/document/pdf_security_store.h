#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::document {

// What a verifier needs later to judge a signature without asking anybody, each in DER.
struct ValidationData {
    std::vector<Bytes> certificates;
    std::vector<Bytes> ocsp_answers;  // OCSPResponse
    std::vector<Bytes> lists;         // CertificateList

    bool is_empty() const { return certificates.empty() && ocsp_answers.empty() && lists.empty(); }
};

// A file's document security store (ISO 32000-2 §12.8.4.3).
struct SecurityStore {
    ValidationData data;
    std::set<std::string> entries;  // keys of its VRI

    // Whether it says what the signature of this /Contents needs.
    bool has_entry(const Bytes& contents) const;
};

// Empty where the file has none. `invalid` when it is more than 64 MB, or the file cannot be read.
Result<SecurityStore> read_security_store(hsm::ByteView pdf);

// An increment that adds to the store. `needed`: what each signature needs, by the signature's
// /Contents. What the store has already is not put there again, and an entry that says what a
// signature needs (VRI) is left as it is: validators take a changed one for an attack.
Result<std::string> add_validation_data(hsm::ByteView pdf,
                                        const std::map<Bytes, ValidationData>& needed);

}  // namespace cloudsign::document

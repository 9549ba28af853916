#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "hsm/openssl/base64.h"
#include "hsm/protocol/activation.h"
#include "hsm/protocol/key_blob.h"
#include "hsm/softphone/problem.h"

namespace hsm::softphone {

struct Document {
    Bytes hash;
    std::string label;
};

struct CertificateClaim {
    std::string credential_id;
    Bytes tbs;  // TBSCertificate, DER
};

struct BindClaim {
    protocol::KeyKind kind = protocol::KeyKind::person;
    Digest key_id{};
    Bytes policy;
};

// The phone that is to take the old one's place, as the server tells it.
struct NewPhoneClaim {
    protocol::ActivationKey key;
    std::string name;  // in that phone's own words
};

struct SignedDocument {
    std::uint32_t position = 0;
    Bytes signature;
    Bytes receipt;
};

// A transaction as the server tells it: claims, each of which check_item() compares with what the
// phone computes and knows.
struct Item {
    std::string id;
    protocol::Purpose purpose = protocol::Purpose::sign;
    std::string state;
    std::string reason;
    std::string requester;
    std::string verified_as;  // the organisation behind it, in the server's words; may be empty
    std::string purpose_text;
    std::string code;
    bool code_typed = false;  // `code` is what the person has typed; empty until then
    std::string language;
    std::int64_t created_at = 0;  // milliseconds UTC
    std::int64_t expires_at = 0;  // milliseconds UTC
    std::string rp_id;
    std::string origin;
    protocol::Algorithm algorithm;
    std::vector<Document> documents;
    std::string credential_id;
    std::string subject;
    Digest key_id{};
    std::vector<Digest> thumbprints;  // who may approve, and has not yet
    protocol::ChallengePreimage activation;
    std::optional<BindClaim> statement;
    std::optional<NewPhoneClaim> new_phone;
    std::vector<CertificateClaim> certificates;
    std::string assurance_class;  // of the module; empty when not told
    std::vector<SignedDocument> receipts;
};

// `server` when a member is missing or of another type; members it does not know are passed over.
Outcome<Item> read_item(const boost::json::value& value);

std::string_view purpose_name(protocol::Purpose purpose);
// "ecdsa sha256", "rsa_pss sha384 salt 48".
std::string algorithm_name(const protocol::Algorithm& algorithm);

}  // namespace hsm::softphone

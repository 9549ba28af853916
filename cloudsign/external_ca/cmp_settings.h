#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "cloudsign/bytes.h"
#include "hsm/base/secret.h"
#include "hsm/openssl/pointers.h"

namespace cloudsign::external_ca {

constexpr std::size_t cmp_secret_size_max = 256;

// Protection by a password-based MAC (RFC 4210 §5.1.3.1).
struct CmpSecret {
    std::string reference;  // senderKID: which secret it is, as the authority calls it
    hsm::Secret<cmp_secret_size_max> secret;
};

// Protection by a signature (RFC 4210 §5.1.3.3), with SHA-256: RSA or ECDSA.
struct CmpSignature {
    Bytes certificate;                 // of a registration authority, DER
    std::vector<Bytes> intermediates;  // sent along, DER
    hsm::openssl::EvpKeyPtr key;
};

// What a certificate is asked for by (RFC 4210 §5.3): the request itself, or its subject and key as
// a CertTemplate (RFC 4211), for authorities that know no PKCS #10. The key's owner has signed the
// request alone, so the message says raVerified (RFC 4211 §4.1): we have verified it.
enum class CmpAsking { p10cr, ir, cr };

// One CMP service (RFC 4210 over HTTP, RFC 6712), and how we know each other.
struct CmpSettings {
    std::string url;
    std::variant<CmpSecret, CmpSignature> protection;
    // What the certificates of who signs answers must chain to, DER. Without any, only answers
    // under our secret are taken.
    std::vector<Bytes> anchors;
    // RFC 4514; empty where the authority does not ask for its name. Who has a certificate by that
    // name from an anchor may sign answers; so may authorities (see may_answer()).
    std::string recipient;
    // ir and cr: a kur (§5.3.5) in place of it where the key has a certificate of this authority.
    CmpAsking asking = CmpAsking::p10cr;
    // Of one request() or revoke(), polls included; the last message or two may add 5 s each.
    std::chrono::milliseconds patience{30'000};
};

}  // namespace cloudsign::external_ca

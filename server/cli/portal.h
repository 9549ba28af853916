#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "cloudsign/bytes.h"
#include "hsm/protocol/types.h"
#include "hsm/softphone/https_client.h"
#include "server/cli/failure.h"

namespace server::cli {

struct PortalAccess {
    std::string url;      // https://host[:port] of the API
    std::string ca_file;  // PEM; empty: the system's authorities
    std::string client_id;
    std::string client_secret;
};

// What a portal must know of a credential before it prepares a document.
struct PortalCredential {
    std::string id;
    std::vector<cloudsign::Bytes> chain;  // leaf first, DER
    std::string sign_algo;                // object identifier
    hsm::protocol::Algorithm algorithm;   // the same
};

struct PortalDocument {
    std::string name;
    cloudsign::Bytes hash;
};

// A relying party of CSC v2: it knows what every portal knows, and goes the way of all of them.
class Portal {
public:
    // With an access token by client credentials (CSC v2 §8.3.3).
    static Outcome<Portal> connect(const PortalAccess& access);

    // credentials/info with the chain. The algorithm is the key's first that names its digest.
    Outcome<PortalCredential> credential(const std::string& id);

    // credentials/authorize for one signature; answers the handle.
    Outcome<std::string> authorize(const PortalCredential& credential,
                                   const PortalDocument& document,
                                   const std::string& description);

    // credentials/authorizeCheck until the signer has answered, at most so long; answers the SAD.
    Outcome<std::string> wait_for_sad(const std::string& handle, std::chrono::seconds patience);

    // Once the signer has answered, who took their time: a failure, in words, when the certificate
    // of `prepared`, which the document names, was replaced meanwhile and is revoked. Where its
    // authority does not answer, nothing is known against it.
    Outcome<void> check_certificate(const PortalCredential& prepared);

    // signatures/signHash. Asked again when no answer comes: the server never signs twice.
    Outcome<cloudsign::Bytes> sign_hash(const PortalCredential& credential,
                                        const std::string& sad,
                                        const cloudsign::Bytes& hash);

private:
    Portal(const PortalAccess& access, hsm::softphone::HttpsClient http, std::string token)
        : url_(access.url),
          ca_file_(access.ca_file),
          http_(std::move(http)),
          token_(std::move(token)) {}

    Outcome<hsm::softphone::HttpResponse> ask(const std::string& path,
                                              const boost::json::value& body);

    std::string url_;
    std::string ca_file_;
    hsm::softphone::HttpsClient http_;
    std::string token_;
};

}  // namespace server::cli

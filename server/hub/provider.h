#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "cloudsign/qd769/outcome.h"
#include "server/hub/dialect.h"
#include "server/push/outbound_http.h"

// Trust service providers behind the hub: one account number finds a person's certificates at all
// of them, and what a portal asks is asked of the one that has them.
namespace server::hub {

// One [[provider]] of kyso.toml.
struct ProviderSettings {
    std::string name;  // what portals call ca_name
    Dialect dialect = Dialect::csc;
    std::string url;        // without a slash at its end
    std::string token_url;  // csc: where client_credentials are exchanged
    std::string client_id;
    std::string secret;
    std::string ca_file;  // trusted beside the system's authorities
    bool private_addresses = false;
    bool plain_http = false;
};

// A certificate as QD 769 describes it, and what a request needs to know of it.
struct HubCertificate {
    std::string credential_id;
    std::string serial_number;  // upper case, without leading zeros
    bool is_rsa = false;
    bool usable = true;
    boost::json::object description;  // of user_certificates
};

struct HubFile {
    std::string doc_id;
    std::string label;
    cloudsign::Bytes hash;
};

struct HubRequest {
    std::string id;  // ours, at this provider: the same again for the same request
    std::string user_id;
    std::string portal_id;  // shown to the signer
    std::string description;
    HubCertificate certificate;
    std::vector<HubFile> files;
};

// What became of a forwarded request. `reference` replaces what was stored of it.
struct HubStatus {
    cloudsign::qd769::Outcome outcome = cloudsign::qd769::Outcome::waiting_for_signer_confirm;
    std::vector<std::string> signatures;  // base64, in the order of the files; once it succeeded
    boost::json::object reference;
};

// Calls block their fiber for as long as the provider takes, at most some deadlines of
// OutboundRequest. `unavailable` when it does not answer or makes no sense, `busy` when it says so;
// what else it refuses comes as the kind that it means.
class Provider {
public:
    explicit Provider(const std::string& name) : name_(name) {}
    Provider(const Provider&) = delete;
    Provider& operator=(const Provider&) = delete;
    virtual ~Provider() = default;

    const std::string& name() const { return name_; }

    // Empty for a person whom it does not know.
    virtual cloudsign::Result<std::vector<HubCertificate>> certificates(
        const std::string& user_id) = 0;
    // What status() will need, to be stored.
    virtual cloudsign::Result<boost::json::object> sign(const HubRequest& request) = 0;
    virtual cloudsign::Result<HubStatus> status(const boost::json::object& reference) = 0;

private:
    const std::string name_;
};

std::unique_ptr<Provider> make_provider(const ProviderSettings& settings, push::OutboundHttp& http);

}  // namespace server::hub

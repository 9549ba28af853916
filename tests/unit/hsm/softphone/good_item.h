#pragma once

#include <boost/json.hpp>

#include "hsm/softphone/authenticator.h"
#include "hsm/softphone/item_check.h"

namespace hsm::softphone::testing {

constexpr std::int64_t test_now_ms = 1'800'000'000'000;
constexpr const char* test_rp_id = "approve.localhost";
constexpr const char* test_origin = "https://approve.localhost:8443";

// A phone and an item that it accepts.
struct Case {
    PhoneState phone;
    Digest thumbprint{};
    boost::json::object item;
};

Case good_signing();
Case good_binding(PhoneRole role);
// The authority's own certificate and a person's, in one batch, both keys confirmed.
Case good_issuing();
// Of a person's key that the officer confirmed.
Case good_revoking();

// The same for a passkey and an origin of the caller's.
boost::json::object signing_item(const Digest& key_id,
                                 const Digest& policy_hash,
                                 const Digest& thumbprint,
                                 const std::string& origin,
                                 std::int64_t expires_at);
boost::json::object binding_item(const protocol::Policy& policy,
                                 protocol::KeyKind kind,
                                 const std::string& subject,
                                 const Digest& thumbprint,
                                 std::int64_t expires_at);
protocol::Policy policy_for(const protocol::Point* point,
                            std::string_view subject,
                            std::string_view origin);
Bytes encoded(const protocol::Policy& policy);

// Fills in root, context hash and leaf count from what the item shows, as an honest server does.
void seal(boost::json::object& item);
// Writes the statement of a binding anew into its document, then seals.
void seal_binding(boost::json::object& item);

struct TbsSpec {
    std::string common_name;
    std::string issuer_common_name;
    EVP_PKEY* key = nullptr;
    bool authority = false;
    // Beside basicConstraints, as OpenSSL's configuration files have them.
    std::vector<std::pair<int, const char*>> extensions = {};
};
Bytes make_tbs(const TbsSpec& spec);
Digest key_id_of(EVP_PKEY* key);

Outcome<CheckedItem> check(const Case& test);
Outcome<CheckedItem> check(const Case& test, const boost::json::value& item);

}  // namespace hsm::softphone::testing

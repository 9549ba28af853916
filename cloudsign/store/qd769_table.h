#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/error.h"
#include "hsm/base/bytes.h"

namespace cloudsign::store {

class Session;

// A request as a portal of QD 769 names it (migrations/0007_webhooks.sql).
struct Qd769Request {
    std::string client_id;
    std::string portal_id;
    hsm::Digest fingerprint{};
    std::string transaction_id;  // ours, or the name of a forwarded one at its provider
    std::string provider;        // of the hub, or empty
    std::string detail;
    std::int64_t created_at = 0;
};

// Errors as ClientTable's: `conflict` for a portal_id that this client has used before.
class Qd769Table {
public:
    explicit Qd769Table(Session& session) : session_(session) {}

    Result<void> insert(const Qd769Request& request);
    Result<std::optional<Qd769Request>> find(const std::string& client_id,
                                             const std::string& portal_id);
    // Of whichever client; at most two, since what matters is whether there is exactly one.
    Result<std::vector<Qd769Request>> named(const std::string& portal_id);
    Result<std::optional<Qd769Request>> of_transaction(const std::string& transaction_id);
    Result<bool> set_detail(const std::string& client_id,
                            const std::string& portal_id,
                            const std::string& detail);

private:
    Session& session_;
};

}  // namespace cloudsign::store

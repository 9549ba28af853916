#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/error.h"
#include "hsm/protocol/types.h"

namespace cloudsign::store {

class Session;

// A new phone on its way into an old one's place (migrations/0016_phone_moves.sql).
struct PhoneMove {
    std::string id;
    hsm::Digest session_hash{};
    hsm::protocol::Point point{};
    hsm::Digest thumbprint{};
    std::string short_code;
    bool backup_eligible = false;
    std::string name;
    std::string peer;
    std::int64_t created_at = 0;
    std::int64_t expires_at = 0;
    std::optional<std::string> signer_id;
    std::optional<std::string> old_device_id;
    std::optional<std::string> device_id;
};

// Errors as ClientTable's.
class PhoneMoveTable {
public:
    explicit PhoneMoveTable(Session& session) : session_(session) {}

    Result<void> insert(const PhoneMove& move);
    Result<std::optional<PhoneMove>> by_session_hash(const hsm::Digest& session_hash);
    // The newest that is not over at `now`, taken up or not.
    Result<std::optional<PhoneMove>> by_thumbprint(const hsm::Digest& thumbprint, std::int64_t now);
    Result<std::optional<PhoneMove>> by_short_code(const std::string& code, std::int64_t now);
    // Of those that no old phone has taken up yet: all, and those that one address announced.
    Result<std::int64_t> open_count(std::int64_t now);
    Result<std::int64_t> open_count_of(const std::string& peer, std::int64_t now);
    // How many this signer's phones have taken up that began after `since`.
    Result<std::int64_t> taken_count(const std::string& signer_id, std::int64_t since);
    // False when one was faster, or it is over.
    Result<bool> take(const PhoneMove& move, std::int64_t now);
    // Nobody took them up, and their time was over at `before`.
    Result<void> erase_untaken(std::int64_t before);

    Result<void> link(const std::string& transaction_id, const std::string& move_id);
    // Ids, in the order in which they were opened.
    Result<std::vector<std::string>> transactions(const std::string& move_id);
    Result<std::optional<PhoneMove>> of_transaction(const std::string& transaction_id);

private:
    Session& session_;
};

}  // namespace cloudsign::store

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/error.h"

namespace cloudsign::store {

class Session;

enum class HintState { due, delivered, undeliverable, needless };

// What one phone was told of one transaction (migrations/0011_push.sql).
struct PushHint {
    std::string transaction_id;
    std::string device_id;
    std::string host;
    HintState state = HintState::due;
    std::uint32_t attempts = 0;
    std::int64_t next_at = 0;
    std::uint32_t status = 0;
    std::string fault;
    std::optional<std::int64_t> done_at;
};

// Errors as ClientTable's.
class PushHintTable {
public:
    explicit PushHintTable(Session& session) : session_(session) {}

    // Nothing where there is one of the same transaction and device.
    Result<void> insert_missing(const PushHint& hint);
    Result<std::vector<PushHint>> of_transaction(const std::string& transaction_id);
    Result<std::optional<PushHint>> find(const std::string& transaction_id,
                                         const std::string& device_id);
    // Push services with something due at `now`, those that have waited longest first.
    Result<std::vector<std::string>> hosts_due(std::int64_t now, std::uint32_t limit);
    Result<std::vector<PushHint>> due(const std::string& host,
                                      std::int64_t now,
                                      std::uint32_t limit);
    Result<std::optional<std::int64_t>> next_due();
    // All but the names and the host. False when there is none.
    Result<bool> update(const PushHint& hint);
    // When the signer is asked again, and hence told again.
    Result<void> erase_of(const std::string& transaction_id);

private:
    Session& session_;
};

}  // namespace cloudsign::store

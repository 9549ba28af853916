#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/error.h"

namespace cloudsign::store {

class Session;

enum class NoticeKind {
    phone_enrolled,
    phone_replaced,
    device_removed,
    devices_removed,
    credential_suspended,
    credential_resumed,
    credential_revoked,
    certificate_ending,
    certificate_renewed,
    login_added,
    frozen,
    unfrozen,
    deleted,
    address_changed,
    trial,
};

enum class NoticeState { due, delivered, failed };

// One thing that a person is told (migrations/0015_notices.sql).
struct Notice {
    std::string id;
    std::string signer_id;
    NoticeKind kind = NoticeKind::trial;
    std::string about;
    std::string address;
    std::string name;
    std::string language;
    NoticeState state = NoticeState::due;
    std::uint32_t attempts = 0;
    std::int64_t next_at = 0;
    std::uint32_t status = 0;
    std::string fault;
    std::int64_t created_at = 0;
    std::optional<std::int64_t> done_at;
};

// As `kyso notice log` and the database name them.
std::string_view name(NoticeKind kind);
std::string_view name(NoticeState state);

// Outbox and delivery log of mail. Errors as ClientTable's.
class NoticeTable {
public:
    explicit NoticeTable(Session& session) : session_(session) {}

    Result<void> insert(const Notice& notice);
    Result<std::optional<Notice>> by_id(const std::string& id);
    // Those that have waited longest first.
    Result<std::vector<Notice>> due(std::int64_t now, std::uint32_t limit);
    Result<std::optional<std::int64_t>> next_due();
    // Newest first, those before `before_id`; empty starts at the newest.
    Result<std::vector<Notice>> page(const std::string& before_id, std::uint32_t limit);
    // State, attempts, times and what came of it. False when there is no such notice.
    Result<bool> update(const Notice& notice);

private:
    Session& session_;
};

}  // namespace cloudsign::store

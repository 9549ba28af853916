#include "cloudsign/transaction/request_limits.h"

#include <algorithm>

#include "cloudsign/store/device_table.h"
#include "cloudsign/store/transaction_table.h"

namespace cloudsign::transaction {
namespace {

using store::ClientSettings;
using store::TransactionTable;

constexpr std::int64_t longest_cool_down_ms = 15 * 60 * 1000;
constexpr std::int64_t strikes_kept_ms = 60 * 60 * 1000;
// When a signer will have answered is not known.
constexpr std::int64_t waiting_retry_s = 10;

Error busy(std::string detail, std::int64_t retry_after_s) {
    return {ErrorKind::busy, std::move(detail), std::max<std::int64_t>(1, retry_after_s)};
}

Result<ClientSettings> settings_of(store::Database& database, const std::string& client_id) {
    TRY_ASSIGN(auto client, database.client(client_id));
    if (!client) {
        return Error{ErrorKind::not_found, "no such client"};
    }
    return client->settings;
}

}  // namespace

Result<void> RequestLimits::check(const std::string& client_id,
                                  const std::string& signer_id,
                                  std::int64_t open_requests) {
    TRY_ASSIGN(auto settings, settings_of(database_, client_id));
    const auto now = clock_.now_ms();
    TRY(database_.read([&](store::Session& session) -> Result<void> {
        TransactionTable table(session);
        TRY_ASSIGN(auto cool_down, table.cool_down(client_id, signer_id));
        if (cool_down && cool_down->until > now) {
            return busy("the signer has just rejected a request of this client",
                        (cool_down->until - now + 999) / 1000);
        }
        store::DeviceTable devices(session);
        TRY_ASSIGN(auto reachable, devices.of_owner(store::DeviceOwner::signer, signer_id));
        if (reachable.empty()) {
            return Error{ErrorKind::undelivered, "the signer has no device"};
        }
        return check_waiting(table, client_id, signer_id, open_requests);
    }));
    if (settings.opens_per_minute > 0) {
        const auto wait_ms = opens_.take(client_id, settings.opens_per_minute, now);
        if (wait_ms > 0) {
            return busy("the client opens too many requests", (wait_ms + 999) / 1000);
        }
    }
    return {};
}

Result<void> RequestLimits::check_waiting(TransactionTable& table,
                                          const std::string& client_id,
                                          const std::string& signer_id,
                                          std::int64_t open_requests) const {
    if (open_requests == 0) {
        return {};
    }
    TRY_ASSIGN(auto waiting, table.waiting_count(client_id, signer_id, clock_.now_ms()));
    if (waiting >= open_requests) {
        return busy("another request of this client waits for the signer", waiting_retry_s);
    }
    return {};
}

Result<std::int64_t> RequestLimits::open_requests(const std::string& client_id) {
    TRY_ASSIGN(auto settings, settings_of(database_, client_id));
    return settings.open_requests;
}

Result<std::int64_t> RequestLimits::cool_down_seconds(const std::string& client_id) {
    TRY_ASSIGN(auto settings, settings_of(database_, client_id));
    return settings.cool_down_seconds;
}

Result<void> RequestLimits::note_rejection(TransactionTable& table,
                                           const std::string& client_id,
                                           const std::string& signer_id,
                                           std::int64_t cool_down_seconds) const {
    if (cool_down_seconds == 0) {
        return {};
    }
    const auto now = clock_.now_ms();
    TRY_ASSIGN(auto last, table.cool_down(client_id, signer_id));
    store::CoolDown next{client_id, signer_id, now, 1};
    if (last && last->until + strikes_kept_ms > now) {
        next.strikes = std::min<std::uint32_t>(last->strikes + 1, 16);
    }
    const auto length_ms = cool_down_seconds * 1000 << (next.strikes - 1);
    // What the operator set may be longer than where doubling ends.
    next.until += std::min(length_ms, std::max(longest_cool_down_ms, cool_down_seconds * 1000));
    return table.put_cool_down(next);
}

}  // namespace cloudsign::transaction

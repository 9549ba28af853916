#include "cloudsign/credential/resealing.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "cloudsign/credential/read_blob.h"
#include "cloudsign/store/key_blob_table.h"
#include "cloudsign/store/setting_table.h"

namespace cloudsign::credential {
namespace {

using store::KeyBlobTable;
using store::SettingTable;

constexpr std::uint32_t page_size = 64;
// Longer than anybody waits for a module between reading a row and writing it.
constexpr std::int64_t quiet_ms = 30'000;
constexpr const char* finished_name = "keys_sealed_under_epoch";
constexpr const char* changed_name = "keys_sealed_anew_at";

template <class Number>
Number number_in(const std::optional<std::string>& text) {
    Number number = 0;
    if (text) {
        std::from_chars(text->data(), text->data() + text->size(), number);
    }
    return number;
}

Result<std::vector<std::string>> page_after(store::Database& database, const std::string& id) {
    return database.read(
        [&](store::Session& session) { return KeyBlobTable(session).page(id, page_size); });
}

Result<std::optional<Bytes>> blob_of(store::Database& database, const std::string& id) {
    return database.read([&](store::Session& session) { return KeyBlobTable(session).blob(id); });
}

template <class Number>
Result<Number> number_setting(store::Database& database, const char* name) {
    TRY_ASSIGN(const auto text, database.read([&](store::Session& session) {
        return SettingTable(session).get(name);
    }));
    return number_in<Number>(text);
}

// A blob that is no other's matter: revoked, or of an epoch that is gone already.
bool stays_behind(hsm::Status status) {
    return status == hsm::Status::blob_revoked || status == hsm::Status::blob_epoch_unknown ||
           status == hsm::Status::blob_mac_wrong;
}

}  // namespace

Result<void> Resealing::finish(std::uint32_t epoch) {
    TRY(database_.write([&](store::Session& session) {
        return SettingTable(session).put(finished_name, std::to_string(epoch));
    }));
    finished_ = epoch;
    return {};
}

Result<void> Resealing::reseal_one(const std::string& id, std::uint32_t epoch) {
    TRY_ASSIGN(const auto before, blob_of(database_, id));
    if (!before) {
        return {};
    }
    const auto decoded = read_blob(*before);
    if (!decoded || decoded->header.epoch >= epoch) {
        return {};  // what cannot be read stays behind, and is counted
    }
    const auto after = reseal_(*before);
    if (!after) {
        if (stays_behind(after.error())) {
            return {};
        }
        return Error{
            ErrorKind::unavailable,
            "a key cannot be sealed anew: " + std::string(hsm::base::status_name(after.error()))};
    }
    TRY(database_.write([&](store::Session& session) -> Result<void> {
        TRY(KeyBlobTable(session).replace(id, *before, *after));
        return SettingTable(session).put(changed_name, std::to_string(clock_.now_ms()));
    }));
    return {};
}

Result<void> Resealing::reseal_page(std::uint32_t epoch) {
    TRY_ASSIGN(const auto ids, page_after(database_, after_id_));
    for (const auto& id : ids) {
        TRY(reseal_one(id, epoch));
        after_id_ = id;
    }
    is_at_end_ = ids.size() < page_size;
    return {};
}

Result<void> Resealing::run_due(std::uint32_t epoch, std::chrono::milliseconds time_max) {
    if (finished_ == 0) {
        TRY_ASSIGN(finished_, number_setting<std::uint32_t>(database_, finished_name));
    }
    if (epoch <= finished_) {
        return {};
    }
    if (epoch == 1) {
        return finish(epoch);  // there was none before
    }
    if (is_at_end_) {
        after_id_.clear();
        pass_began_ = clock_.now_ms();
    }
    const auto until = std::chrono::steady_clock::now() + time_max;
    do {
        TRY(reseal_page(epoch));
    } while (!is_at_end_ && std::chrono::steady_clock::now() < until);
    if (!is_at_end_) {
        return {};
    }
    TRY_ASSIGN(const auto changed, number_setting<std::int64_t>(database_, changed_name));
    return pass_began_ - changed >= quiet_ms ? finish(epoch) : Result<void>();
}

Result<SealedKeys> count_sealed(store::Database& database, std::uint32_t epoch) {
    SealedKeys sealed;
    TRY_ASSIGN(const auto finished, number_setting<std::uint32_t>(database, finished_name));
    sealed.is_settled = finished >= epoch;
    std::string after;
    for (;;) {
        TRY_ASSIGN(const auto ids, page_after(database, after));
        for (const auto& id : ids) {
            TRY_ASSIGN(const auto blob, blob_of(database, id));
            if (!blob) {
                continue;
            }
            const auto decoded = read_blob(*blob);
            ++sealed.keys;
            sealed.older += decoded && decoded->header.epoch == epoch ? 0 : 1;
        }
        if (ids.size() < page_size) {
            return sealed;
        }
        after = ids.back();
    }
}

std::uint32_t agreed_epoch(const std::vector<ModuleInfo>& members, std::size_t configured) {
    if (members.empty() || members.size() != configured) {
        return 0;
    }
    const auto epoch = members.front().epoch;
    const bool is_agreed = std::ranges::all_of(members, [&](const ModuleInfo& member) {
        return member.state == hsm::protocol::State::operational && member.epoch == epoch;
    });
    return is_agreed ? epoch : 0;
}

}  // namespace cloudsign::credential

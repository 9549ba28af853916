#include "cloudsign/credential/resealing.h"

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

Result<std::optional<std::string>> setting(store::Database& database, const char* name) {
    return database.read([&](store::Session& session) { return SettingTable(session).get(name); });
}

Result<std::vector<std::string>> page_after(store::Database& database, const std::string& id) {
    return database.read(
        [&](store::Session& session) { return KeyBlobTable(session).page(id, page_size); });
}

Result<std::optional<Bytes>> blob_of(store::Database& database, const std::string& id) {
    return database.read([&](store::Session& session) { return KeyBlobTable(session).blob(id); });
}

// A blob that is no other's matter: revoked, or of an epoch that is gone already.
bool stays_behind(hsm::Status status) {
    return status == hsm::Status::blob_revoked || status == hsm::Status::blob_epoch_unknown ||
           status == hsm::Status::blob_mac_wrong;
}

}  // namespace

Result<std::uint32_t> Resealing::finished_epoch() {
    TRY_ASSIGN(const auto text, setting(database_, finished_name));
    return number_in<std::uint32_t>(text);
}

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
    has_changed_ = true;
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

// A pass that has changed something is followed by another one: whoever had read a row before, and
// writes it back, puts the old blob there again.
Result<void> Resealing::run_due(std::uint32_t epoch, std::chrono::milliseconds time_max) {
    if (finished_ == 0) {
        TRY_ASSIGN(finished_, finished_epoch());
    }
    if (epoch <= finished_) {
        return {};
    }
    if (epoch == 1) {
        return finish(epoch);  // there was none before
    }
    const auto until = std::chrono::steady_clock::now() + time_max;
    do {
        TRY(reseal_page(epoch));
        if (!is_at_end_) {
            continue;
        }
        after_id_.clear();
        if (!std::exchange(has_changed_, false)) {
            return finish(epoch);
        }
        return {};
    } while (std::chrono::steady_clock::now() < until);
    return {};
}

Result<SealedKeys> count_sealed(store::Database& database, std::uint32_t epoch) {
    SealedKeys sealed;
    TRY_ASSIGN(const auto changed, setting(database, changed_name));
    sealed.changed_at = number_in<std::int64_t>(changed);
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

}  // namespace cloudsign::credential

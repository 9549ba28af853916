#include "cloudsign/notice/notices.h"

#include <algorithm>

#include "cloudsign/fault_text.h"
#include "cloudsign/identity/id.h"
#include "cloudsign/notice/mail_address.h"
#include "cloudsign/store/signer_table.h"

namespace cloudsign::notice {

using store::Notice;
using store::NoticeState;
using store::NoticeTable;
using store::Session;

namespace {

constexpr std::int64_t first_retry_ms = 60ll * 1000;
constexpr std::int64_t longest_wait_ms = 4ll * 3600 * 1000;
constexpr std::int64_t give_up_ms = 3ll * 24 * 3600 * 1000;
constexpr std::size_t fault_size_max = 255;

std::int64_t wait_before(std::uint32_t attempts) {
    auto wait = first_retry_ms;
    for (std::uint32_t i = 1; i < attempts && wait < longest_wait_ms; ++i) {
        wait *= 2;
    }
    return std::min(wait, longest_wait_ms);
}

Notice new_notice(const Clock& clock, store::NoticeKind kind) {
    Notice notice;
    notice.id = identity::new_id("ntc");
    notice.kind = kind;
    notice.created_at = clock.now_ms();
    notice.next_at = notice.created_at;
    return notice;
}

}  // namespace

Result<void> tell(Session& session,
                  const Clock& clock,
                  const std::string& signer_id,
                  store::NoticeKind kind,
                  const std::string& about) {
    TRY_ASSIGN(auto signer, store::SignerTable(session).ever_with_id(signer_id));
    if (!signer || !signer->email) {
        return {};
    }
    auto notice = new_notice(clock, kind);
    notice.signer_id = signer->id;
    notice.about = about;
    notice.address = *signer->email;
    notice.name = signer->name;
    notice.language = signer->language;
    return NoticeTable(session).insert(notice);
}

Result<Notice> Notices::insert_trial(const std::string& address, const std::string& language) {
    if (!is_mail_address(address)) {
        return Error{ErrorKind::invalid, "the address must be NAME@HOST, in ASCII"};
    }
    auto notice = new_notice(clock_, store::NoticeKind::trial);
    notice.address = address;
    notice.language = language;
    TRY(database_.write([&](Session& session) { return NoticeTable(session).insert(notice); }));
    return notice;
}

Result<std::vector<Notice>> Notices::due(std::uint32_t limit) {
    const auto now = clock_.now_ms();
    TRY_ASSIGN(auto found, database_.read([&](Session& session) {
        return NoticeTable(session).due(now, limit);
    }));
    const auto is_stale = [&](const Notice& notice) {
        return notice.created_at + give_up_ms < now;
    };
    const auto stale = std::stable_partition(
        found.begin(), found.end(), [&](const Notice& notice) { return !is_stale(notice); });
    if (stale != found.end()) {
        TRY(database_.write([&](Session& session) -> Result<void> {
            NoticeTable table(session);
            for (auto notice = stale; notice != found.end(); ++notice) {
                notice->state = NoticeState::failed;
                notice->done_at = now;
                if (notice->fault.empty()) {
                    notice->fault = "nothing could be sent for three days";
                }
                TRY(table.update(*notice));
            }
            return {};
        }));
        found.erase(stale, found.end());
    }
    return found;
}

Result<std::optional<std::int64_t>> Notices::next_due() {
    return database_.read([](Session& session) { return NoticeTable(session).next_due(); });
}

Result<void> Notices::record(const std::vector<Attempt>& attempts) {
    return database_.write([&](Session& session) -> Result<void> {
        NoticeTable table(session);
        for (const auto& attempt : attempts) {
            TRY_ASSIGN(auto notice, table.by_id(attempt.notice_id));
            if (!notice) {
                continue;
            }
            const auto now = clock_.now_ms();
            ++notice->attempts;
            notice->status = attempt.status;
            notice->fault = fault_text(attempt.fault, fault_size_max);
            notice->next_at = now + wait_before(notice->attempts);
            if (attempt.fault.empty()) {
                notice->state = NoticeState::delivered;
                notice->done_at = now;
            } else if (attempt.hopeless || notice->next_at > notice->created_at + give_up_ms) {
                notice->state = NoticeState::failed;
                notice->done_at = now;
            }
            TRY(table.update(*notice));
        }
        return {};
    });
}

Result<std::vector<Notice>> Notices::log(const std::string& before_id, std::uint32_t limit) {
    return database_.read(
        [&](Session& session) { return NoticeTable(session).page(before_id, limit); });
}

Result<Notice> Notices::find(const std::string& id) {
    TRY_ASSIGN(auto found,
               database_.read([&](Session& session) { return NoticeTable(session).by_id(id); }));
    if (!found) {
        return Error{ErrorKind::not_found, "no such notice"};
    }
    return *std::move(found);
}

}  // namespace cloudsign::notice

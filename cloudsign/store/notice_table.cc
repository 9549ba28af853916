#include "cloudsign/store/notice_table.h"

#include "cloudsign/store/prepared.h"

namespace cloudsign::store {

template <>
struct Words<NoticeKind> {
    static constexpr std::array list = {"phone_enrolled",
                                        "phone_replaced",
                                        "device_removed",
                                        "devices_removed",
                                        "credential_suspended",
                                        "credential_resumed",
                                        "credential_revoked",
                                        "certificate_ending",
                                        "certificate_renewed",
                                        "login_added",
                                        "frozen",
                                        "unfrozen",
                                        "deleted",
                                        "address_changed",
                                        "trial"};
};

template <>
struct Words<NoticeState> {
    static constexpr std::array list = {"due", "delivered", "failed"};
};

template <>
struct Columns<Notice> {
    static constexpr const char* table = "notices";
    static constexpr auto list = std::tuple(Column{"id", &Notice::id},
                                            Column{"signer_id", &Notice::signer_id},
                                            Column{"kind", &Notice::kind},
                                            Column{"about", &Notice::about},
                                            Column{"address", &Notice::address},
                                            Column{"name", &Notice::name},
                                            Column{"language", &Notice::language},
                                            Column{"state", &Notice::state},
                                            Column{"attempts", &Notice::attempts},
                                            Column{"next_at", &Notice::next_at},
                                            Column{"status", &Notice::status},
                                            Column{"fault", &Notice::fault},
                                            Column{"created_at", &Notice::created_at},
                                            Column{"done_at", &Notice::done_at});
};

namespace {

struct Insert final : Statement<Nothing, Notice> {
    explicit Insert(Session& session) : Statement(session, insert_sql<Notice>()) {}
};
struct ById final : Statement<Notice, std::string> {
    explicit ById(Session& session) : Statement(session, select_sql<Notice>("WHERE id = :id")) {}
};
struct Due final : Statement<Notice, std::int64_t, std::uint32_t> {
    explicit Due(Session& session)
        : Statement(session,
                    select_sql<Notice>("WHERE state = 'due' AND next_at <= :now "
                                       "ORDER BY next_at, id LIMIT :count")) {}
};
struct NextDue final : Statement<std::optional<std::int64_t>> {
    explicit NextDue(Session& session)
        : Statement(session, "SELECT MIN(next_at) FROM notices WHERE state = 'due'") {}
};
struct Page final : Statement<Notice, std::string, std::uint32_t> {
    explicit Page(Session& session)
        : Statement(session,
                    select_sql<Notice>("WHERE id < :before ORDER BY id DESC LIMIT :count")) {}
};
struct Update final : Statement<Nothing,
                                NoticeState,
                                std::uint32_t,
                                std::int64_t,
                                std::uint32_t,
                                std::string,
                                std::optional<std::int64_t>,
                                std::string> {
    explicit Update(Session& session)
        : Statement(session,
                    "UPDATE notices SET state = :state, attempts = :attempts, "
                    "next_at = :next_at, status = :status, fault = :fault, done_at = :done_at "
                    "WHERE id = :id") {}
};

}  // namespace

std::string_view name(NoticeKind kind) {
    return Words<NoticeKind>::list.at(static_cast<std::size_t>(kind));
}

std::string_view name(NoticeState state) {
    return Words<NoticeState>::list.at(static_cast<std::size_t>(state));
}

Result<void> NoticeTable::insert(const Notice& notice) {
    return done(session_.prepared<Insert>().run(notice));
}

Result<std::optional<Notice>> NoticeTable::by_id(const std::string& id) {
    return session_.prepared<ById>().one(id);
}

Result<std::vector<Notice>> NoticeTable::due(std::int64_t now, std::uint32_t limit) {
    return session_.prepared<Due>().all(now, limit);
}

Result<std::optional<std::int64_t>> NoticeTable::next_due() {
    TRY_ASSIGN(auto found, session_.prepared<NextDue>().one());
    return found.value_or(std::nullopt);
}

Result<std::vector<Notice>> NoticeTable::page(const std::string& before_id, std::uint32_t limit) {
    // Behind every id there is.
    const std::string newest = "~";
    return session_.prepared<Page>().all(before_id.empty() ? newest : before_id, limit);
}

Result<bool> NoticeTable::update(const Notice& notice) {
    return hit(session_.prepared<Update>().run(notice.state,
                                               notice.attempts,
                                               notice.next_at,
                                               notice.status,
                                               notice.fault,
                                               notice.done_at,
                                               notice.id));
}

}  // namespace cloudsign::store

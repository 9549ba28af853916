#include "cloudsign/store/cmp_table.h"

#include "cloudsign/store/columns.h"
#include "cloudsign/store/prepared.h"

namespace cloudsign::store {

template <>
struct Words<CmpAccountStatus> {
    static constexpr std::array list = {"active", "disabled"};
};
template <>
struct Words<CmpState> {
    static constexpr std::array list = {"waiting", "issued", "confirmed", "refused"};
};

template <>
struct Columns<CmpAccount> {
    static constexpr const char* table = "cmp_accounts";
    static constexpr auto list = std::tuple(Column{"name", &CmpAccount::name},
                                            Column{"profile", &CmpAccount::profile},
                                            Column{"secret", &CmpAccount::secret},
                                            Column{"status", &CmpAccount::status},
                                            Column{"created_at", &CmpAccount::created_at});
};

template <>
struct Columns<CmpRequest> {
    static constexpr const char* table = "cmp_requests";
    static constexpr auto list = std::tuple(Column{"id", &CmpRequest::id},
                                            Column{"account", &CmpRequest::account},
                                            Column{"transaction_id", &CmpRequest::transaction_id},
                                            Column{"message", &CmpRequest::message},
                                            Column{"credential_id", &CmpRequest::credential_id},
                                            Column{"office_id", &CmpRequest::office_id},
                                            Column{"state", &CmpRequest::state},
                                            Column{"detail", &CmpRequest::detail},
                                            Column{"created_at", &CmpRequest::created_at});
};

namespace {

struct InsertAccount final : Statement<Nothing, CmpAccount> {
    explicit InsertAccount(Session& session) : Statement(session, insert_sql<CmpAccount>()) {}
};
struct AccountNamed final : Statement<CmpAccount, std::string> {
    explicit AccountNamed(Session& session)
        : Statement(session, select_sql<CmpAccount>("WHERE name = :name")) {}
};
struct Accounts final : Statement<CmpAccount> {
    explicit Accounts(Session& session)
        : Statement(session, select_sql<CmpAccount>("ORDER BY name")) {}
};
struct UpdateAccount final
    : Statement<Nothing, pki::Profile, std::string, CmpAccountStatus, std::string> {
    explicit UpdateAccount(Session& session)
        : Statement(session,
                    "UPDATE cmp_accounts SET profile = :profile, secret = :secret, "
                    "status = :status WHERE name = :name") {}
};
struct Insert final : Statement<Nothing, CmpRequest> {
    explicit Insert(Session& session) : Statement(session, insert_sql<CmpRequest>()) {}
};
struct Find final : Statement<CmpRequest, std::string, std::string> {
    explicit Find(Session& session)
        : Statement(session,
                    select_sql<CmpRequest>(
                        "WHERE account = :account AND transaction_id = :transaction_id")) {}
};
struct OfCredential final : Statement<CmpRequest, std::string> {
    explicit OfCredential(Session& session)
        : Statement(session, select_sql<CmpRequest>("WHERE credential_id = :credential_id")) {}
};
struct WaitingOf final : Statement<CmpRequest, std::string, std::int64_t, std::uint32_t> {
    explicit WaitingOf(Session& session)
        : Statement(session,
                    select_sql<CmpRequest>("WHERE state = 'waiting' AND account = :account AND "
                                           "created_at > :since ORDER BY created_at, id "
                                           "LIMIT :count")) {}
};
struct CountWaiting final : Statement<std::int64_t, std::string, std::int64_t> {
    explicit CountWaiting(Session& session)
        : Statement(session,
                    "SELECT COUNT(*) FROM cmp_requests WHERE state = 'waiting' AND "
                    "account = :account AND created_at > :since") {}
};
struct CountCompromised final : Statement<std::int64_t, Bytes> {
    explicit CountCompromised(Session& session)
        : Statement(session,
                    "SELECT COUNT(*) FROM credentials JOIN certificates ON "
                    "certificates.credential_id = credentials.id WHERE "
                    "credentials.public_key = :public_key AND certificates.status = 'revoked' AND "
                    "certificates.reason = 1") {}
};
struct Page final : Statement<CmpRequest, std::string, std::uint32_t> {
    explicit Page(Session& session)
        : Statement(session,
                    select_sql<CmpRequest>("WHERE id < :before ORDER BY id DESC LIMIT :count")) {}
};
struct Update final
    : Statement<Nothing, std::string, CmpState, std::string, std::string, CmpState> {
    explicit Update(Session& session)
        : Statement(session,
                    "UPDATE cmp_requests SET office_id = :office_id, state = :state, "
                    "detail = :detail WHERE id = :id AND state = :was") {}
};

}  // namespace

std::string_view name(CmpAccountStatus status) {
    return Words<CmpAccountStatus>::list.at(static_cast<std::size_t>(status));
}

std::string_view name(CmpState state) {
    return Words<CmpState>::list.at(static_cast<std::size_t>(state));
}

Result<void> CmpTable::insert_account(const CmpAccount& account) {
    return done(session_.prepared<InsertAccount>().run(account));
}

Result<std::optional<CmpAccount>> CmpTable::account(const std::string& name) {
    return session_.prepared<AccountNamed>().one(name);
}

Result<std::vector<CmpAccount>> CmpTable::accounts() {
    return session_.prepared<Accounts>().all();
}

Result<bool> CmpTable::update_account(const CmpAccount& account) {
    return hit(session_.prepared<UpdateAccount>().run(
        account.profile, account.secret, account.status, account.name));
}

Result<void> CmpTable::insert(const CmpRequest& request) {
    return done(session_.prepared<Insert>().run(request));
}

Result<std::optional<CmpRequest>> CmpTable::find(const std::string& account,
                                                 const std::string& transaction_id) {
    return session_.prepared<Find>().one(account, transaction_id);
}

Result<std::optional<CmpRequest>> CmpTable::of_credential(const std::string& credential_id) {
    return session_.prepared<OfCredential>().one(credential_id);
}

Result<std::vector<CmpRequest>> CmpTable::waiting_of(const std::string& account,
                                                     std::int64_t since,
                                                     std::uint32_t limit) {
    return session_.prepared<WaitingOf>().all(account, since, limit);
}

Result<std::int64_t> CmpTable::count_waiting(const std::string& account, std::int64_t since) {
    TRY_ASSIGN(const auto count, session_.prepared<CountWaiting>().one(account, since));
    return count.value_or(0);
}

Result<bool> CmpTable::is_compromised(const Bytes& public_key) {
    TRY_ASSIGN(const auto count, session_.prepared<CountCompromised>().one(public_key));
    return count.value_or(0) > 0;
}

Result<std::vector<CmpRequest>> CmpTable::page(const std::string& before_id, std::uint32_t limit) {
    const std::string newest = "~";  // sorts after every id
    return session_.prepared<Page>().all(before_id.empty() ? newest : before_id, limit);
}

Result<bool> CmpTable::update(const CmpRequest& request, CmpState from) {
    return hit(session_.prepared<Update>().run(
        request.office_id, request.state, request.detail, request.id, from));
}

}  // namespace cloudsign::store

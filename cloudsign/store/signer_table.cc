#include "cloudsign/store/signer_table.h"

#include "cloudsign/store/columns.h"
#include "cloudsign/store/folded_text.h"
#include "cloudsign/store/prepared.h"

namespace cloudsign::store {
namespace {

struct Insert final : Statement<Nothing, Signer> {
    explicit Insert(Session& session) : Statement(session, insert_sql<Signer>()) {}
};
struct ById final : Statement<Signer, std::string> {
    explicit ById(Session& session)
        : Statement(session, select_sql<Signer>("WHERE id = :id AND status <> 'deleted'")) {}
};
struct EverWithId final : Statement<Signer, std::string> {
    explicit EverWithId(Session& session)
        : Statement(session, select_sql<Signer>("WHERE id = :id")) {}
};
struct ByAccount final : Statement<Signer, std::string> {
    explicit ByAccount(Session& session)
        : Statement(session, select_sql<Signer>("WHERE account = :account")) {}
};
struct Page final : Statement<Signer, std::string, std::uint32_t> {
    explicit Page(Session& session)
        : Statement(session,
                    select_sql<Signer>(
                        "WHERE id > :after AND status <> 'deleted' ORDER BY id LIMIT :count")) {}
};
struct Search final
    : Statement<Signer, std::string, std::string, std::string, std::string, std::uint32_t> {
    explicit Search(Session& session)
        : Statement(session,
                    select_sql<Signer>("WHERE id > :after AND status <> 'deleted' AND ("
                                       "fold(id) LIKE :in_id ESCAPE '!' OR "
                                       "fold(name) LIKE :in_name ESCAPE '!' OR "
                                       "fold(email) LIKE :in_email ESCAPE '!') "
                                       "ORDER BY id LIMIT :count")) {}
};
struct SetStatus final : Statement<Nothing, SignerStatus, std::string> {
    explicit SetStatus(Session& session)
        : Statement(session,
                    "UPDATE signers SET status = :status WHERE id = :id AND status <> 'deleted'") {}
};
struct SetEmail final : Statement<Nothing, std::optional<std::string>, std::string> {
    explicit SetEmail(Session& session)
        : Statement(session,
                    "UPDATE signers SET email = :email WHERE id = :id AND status <> 'deleted'") {}
};
struct Remove final : Statement<Nothing, std::string> {
    explicit Remove(Session& session)
        : Statement(session,
                    "UPDATE signers SET status = 'deleted', account = NULL, email = NULL WHERE id "
                    "= :id AND "
                    "status <> 'deleted'") {}
};

// A LIKE pattern for what has `text` in it, whatever characters that is made of.
std::string anywhere(const std::string& text) {
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '!') {
            pattern += '!';
        }
        pattern += c;
    }
    return pattern + "%";
}

}  // namespace

Result<void> SignerTable::insert(const Signer& signer) {
    return done(session_.prepared<Insert>().run(signer));
}

Result<std::optional<Signer>> SignerTable::by_id(const std::string& id) {
    return session_.prepared<ById>().one(id);
}

Result<std::optional<Signer>> SignerTable::ever_with_id(const std::string& id) {
    return session_.prepared<EverWithId>().one(id);
}

Result<std::optional<Signer>> SignerTable::by_account(const std::string& account) {
    return session_.prepared<ByAccount>().one(account);
}

Result<std::vector<Signer>> SignerTable::page(const std::string& after_id, std::uint32_t limit) {
    return session_.prepared<Page>().all(after_id, limit);
}

Result<std::vector<Signer>> SignerTable::search(const std::string& text,
                                                const std::string& after_id,
                                                std::uint32_t limit) {
    const auto pattern = anywhere(fold(text));
    return session_.prepared<Search>().all(after_id, pattern, pattern, pattern, limit);
}

Result<bool> SignerTable::set_status(const std::string& id, SignerStatus status) {
    session_.touch(RowKind::signer);
    return hit(session_.prepared<SetStatus>().run(status, id));
}

Result<bool> SignerTable::set_email(const std::string& id,
                                    const std::optional<std::string>& email) {
    session_.touch(RowKind::signer);
    return hit(session_.prepared<SetEmail>().run(email, id));
}

Result<bool> SignerTable::remove(const std::string& id) {
    session_.touch(RowKind::signer);
    return hit(session_.prepared<Remove>().run(id));
}

}  // namespace cloudsign::store

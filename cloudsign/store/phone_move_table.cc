#include "cloudsign/store/phone_move_table.h"

#include "cloudsign/store/prepared.h"

namespace cloudsign::store {

template <>
struct Columns<PhoneMove> {
    static constexpr const char* table = "phone_moves";
    static constexpr auto list = std::tuple(Column{"id", &PhoneMove::id},
                                            Column{"session_hash", &PhoneMove::session_hash},
                                            Column{"point", &PhoneMove::point},
                                            Column{"thumbprint", &PhoneMove::thumbprint},
                                            Column{"short_code", &PhoneMove::short_code},
                                            Column{"backup_eligible", &PhoneMove::backup_eligible},
                                            Column{"name", &PhoneMove::name},
                                            Column{"peer", &PhoneMove::peer},
                                            Column{"created_at", &PhoneMove::created_at},
                                            Column{"expires_at", &PhoneMove::expires_at},
                                            Column{"signer_id", &PhoneMove::signer_id},
                                            Column{"old_device_id", &PhoneMove::old_device_id},
                                            Column{"device_id", &PhoneMove::device_id});
};

namespace {

struct Link {
    std::string transaction_id;
    std::string move_id;
};

}  // namespace

template <>
struct Columns<Link> {
    static constexpr const char* table = "phone_move_transactions";
    static constexpr auto list = std::tuple(Column{"transaction_id", &Link::transaction_id},
                                            Column{"move_id", &Link::move_id});
};

namespace {

struct Insert final : Statement<Nothing, PhoneMove> {
    explicit Insert(Session& session) : Statement(session, insert_sql<PhoneMove>()) {}
};
struct BySession final : Statement<PhoneMove, hsm::Digest> {
    explicit BySession(Session& session)
        : Statement(session, select_sql<PhoneMove>("WHERE session_hash = :session_hash")) {}
};
struct ByThumbprint final : Statement<PhoneMove, hsm::Digest, std::int64_t> {
    explicit ByThumbprint(Session& session)
        : Statement(session,
                    select_sql<PhoneMove>("WHERE thumbprint = :thumbprint AND expires_at > :now "
                                          "ORDER BY created_at DESC, id DESC LIMIT 1")) {}
};
struct ByShortCode final : Statement<PhoneMove, std::string, std::int64_t> {
    explicit ByShortCode(Session& session)
        : Statement(session,
                    select_sql<PhoneMove>("WHERE short_code = :code AND expires_at > :now "
                                          "ORDER BY created_at DESC, id DESC LIMIT 1")) {}
};
struct OpenCount final : Statement<std::int64_t, std::int64_t> {
    explicit OpenCount(Session& session)
        : Statement(session,
                    "SELECT COUNT(*) FROM phone_moves WHERE signer_id IS NULL "
                    "AND expires_at > :now") {}
};
struct OpenCountOf final : Statement<std::int64_t, std::string, std::int64_t> {
    explicit OpenCountOf(Session& session)
        : Statement(session,
                    "SELECT COUNT(*) FROM phone_moves WHERE signer_id IS NULL AND peer = :peer "
                    "AND expires_at > :now") {}
};
struct TakenCount final : Statement<std::int64_t, std::string, std::int64_t> {
    explicit TakenCount(Session& session)
        : Statement(session,
                    "SELECT COUNT(*) FROM phone_moves WHERE signer_id = :signer_id "
                    "AND created_at > :since") {}
};
struct Take final : Statement<Nothing,
                              std::optional<std::string>,
                              std::optional<std::string>,
                              std::optional<std::string>,
                              std::string,
                              std::int64_t> {
    explicit Take(Session& session)
        : Statement(session,
                    "UPDATE phone_moves SET signer_id = :signer_id, old_device_id = :old, "
                    "device_id = :device WHERE id = :id AND signer_id IS NULL "
                    "AND expires_at > :now") {}
};
struct EraseUntaken final : Statement<Nothing, std::int64_t> {
    explicit EraseUntaken(Session& session)
        : Statement(session,
                    "DELETE FROM phone_moves WHERE signer_id IS NULL AND expires_at <= :before") {}
};
struct InsertLink final : Statement<Nothing, Link> {
    explicit InsertLink(Session& session) : Statement(session, insert_sql<Link>()) {}
};
struct Transactions final : Statement<std::string, std::string> {
    explicit Transactions(Session& session)
        : Statement(session,
                    "SELECT transaction_id FROM phone_move_transactions WHERE move_id = :move_id "
                    "ORDER BY transaction_id") {}
};
struct OfTransaction final : Statement<PhoneMove, std::string> {
    explicit OfTransaction(Session& session)
        : Statement(session,
                    select_sql<PhoneMove>("WHERE id = (SELECT move_id FROM phone_move_transactions "
                                          "WHERE transaction_id = :id)")) {}
};

Result<std::int64_t> count(Result<std::optional<std::int64_t>> counted) {
    TRY_ASSIGN(auto number, std::move(counted));
    return number.value_or(0);
}

}  // namespace

Result<void> PhoneMoveTable::insert(const PhoneMove& move) {
    return done(session_.prepared<Insert>().run(move));
}

Result<std::optional<PhoneMove>> PhoneMoveTable::by_session_hash(const hsm::Digest& session_hash) {
    return session_.prepared<BySession>().one(session_hash);
}

Result<std::optional<PhoneMove>> PhoneMoveTable::by_thumbprint(const hsm::Digest& thumbprint,
                                                               std::int64_t now) {
    return session_.prepared<ByThumbprint>().one(thumbprint, now);
}

Result<std::optional<PhoneMove>> PhoneMoveTable::by_short_code(const std::string& code,
                                                               std::int64_t now) {
    return session_.prepared<ByShortCode>().one(code, now);
}

Result<std::int64_t> PhoneMoveTable::open_count(std::int64_t now) {
    return count(session_.prepared<OpenCount>().one(now));
}

Result<std::int64_t> PhoneMoveTable::open_count_of(const std::string& peer, std::int64_t now) {
    return count(session_.prepared<OpenCountOf>().one(peer, now));
}

Result<std::int64_t> PhoneMoveTable::taken_count(const std::string& signer_id, std::int64_t since) {
    return count(session_.prepared<TakenCount>().one(signer_id, since));
}

Result<bool> PhoneMoveTable::take(const PhoneMove& move, std::int64_t now) {
    return hit(session_.prepared<Take>().run(
        move.signer_id, move.old_device_id, move.device_id, move.id, now));
}

Result<void> PhoneMoveTable::erase_untaken(std::int64_t before) {
    return done(session_.prepared<EraseUntaken>().run(before));
}

Result<void> PhoneMoveTable::link(const std::string& transaction_id, const std::string& move_id) {
    return done(session_.prepared<InsertLink>().run({transaction_id, move_id}));
}

Result<std::vector<std::string>> PhoneMoveTable::transactions(const std::string& move_id) {
    return session_.prepared<Transactions>().all(move_id);
}

Result<std::optional<PhoneMove>> PhoneMoveTable::of_transaction(const std::string& transaction_id) {
    return session_.prepared<OfTransaction>().one(transaction_id);
}

}  // namespace cloudsign::store

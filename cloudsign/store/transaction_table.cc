#include "cloudsign/store/transaction_table.h"

#include "cloudsign/store/columns.h"
#include "cloudsign/store/prepared.h"
#include "cloudsign/store/signing_job_table.h"
#include "cloudsign/store/webhook_table.h"

namespace cloudsign::store {
namespace {

using transaction::State;

// `unfinished = 1` beside the states: it is what the partial indexes are made of.
#define WAITING "unfinished = 1 AND state IN ('created', 'notified', 'seen')"
#define APPROVED "unfinished = 1 AND state IN ('approved', 'signing')"
#define UNFINISHED "unfinished = 1"

struct Insert final : Statement<Nothing, Transaction> {
    explicit Insert(Session& session) : Statement(session, insert_sql<Transaction>()) {}
};
struct ById final : Statement<Transaction, std::string> {
    explicit ById(Session& session)
        : Statement(session, select_sql<Transaction>("WHERE id = :id")) {}
};
struct OpenFor final : Statement<Transaction, std::string, hsm::Digest, std::string> {
    explicit OpenFor(Session& session)
        : Statement(session,
                    select_sql<Transaction>(
                        "WHERE credential_id = :credential_id AND request_hash = :request_hash "
                        "AND client_id = :client_id AND " UNFINISHED
                        " ORDER BY created_at DESC, id LIMIT 1")) {}
};
struct UnfinishedAbout final : Statement<Transaction, std::string, hsm::protocol::Purpose> {
    explicit UnfinishedAbout(Session& session)
        : Statement(session,
                    select_sql<Transaction>("WHERE credential_id = :credential_id "
                                            "AND purpose = :purpose AND client_id IS NULL "
                                            "AND " UNFINISHED " ORDER BY created_at, id")) {}
};
struct UnfinishedRequests final : Statement<Transaction, std::string> {
    explicit UnfinishedRequests(Session& session)
        : Statement(session,
                    select_sql<Transaction>("WHERE credential_id = :credential_id "
                                            "AND client_id IS NOT NULL AND " UNFINISHED
                                            " ORDER BY created_at, id")) {}
};
struct WaitingForSigner final : Statement<Transaction, std::string, std::uint32_t> {
    explicit WaitingForSigner(Session& session)
        : Statement(session,
                    select_sql<Transaction>("WHERE approver_id = :approver_id "
                                            "AND approver_kind IN ('signer', 'both') AND " WAITING
                                            " ORDER BY created_at, id LIMIT :count")) {}
};
struct HistoryOfSigner final : Statement<Transaction, std::string, std::int64_t, std::uint32_t> {
    explicit HistoryOfSigner(Session& session)
        : Statement(session,
                    select_sql<Transaction>("WHERE approver_id = :approver_id "
                                            "AND approver_kind IN ('signer', 'both') "
                                            "AND unfinished = 0 AND created_at < :before "
                                            "ORDER BY created_at DESC, id DESC LIMIT :count")) {}
};
struct WaitingForOfficers final : Statement<Transaction, std::uint32_t> {
    explicit WaitingForOfficers(Session& session)
        : Statement(
              session,
              select_sql<Transaction>("WHERE approver_kind IN ('officer', 'both') AND " WAITING
                                      " ORDER BY created_at, id LIMIT :count")) {}
};
struct WaitingOfClient final : Statement<Transaction, std::string, std::uint32_t> {
    explicit WaitingOfClient(Session& session)
        : Statement(session,
                    select_sql<Transaction>("WHERE client_id = :client_id AND " WAITING
                                            " LIMIT :count")) {}
};
struct WaitingCount final : Statement<std::int64_t, std::string, std::string, std::int64_t> {
    explicit WaitingCount(Session& session)
        : Statement(session,
                    "SELECT COUNT(*) FROM transactions WHERE approver_id = :approver_id AND "
                    "client_id = :client_id AND answer_by > :now AND state <> 'created' "
                    "AND " WAITING) {}
};
struct CoolDownOf final : Statement<CoolDown, std::string, std::string> {
    explicit CoolDownOf(Session& session)
        : Statement(
              session,
              select_sql<CoolDown>("WHERE client_id = :client_id AND signer_id = :signer_id")) {}
};
struct EraseCoolDown final : Statement<Nothing, std::string, std::string> {
    explicit EraseCoolDown(Session& session)
        : Statement(session,
                    "DELETE FROM cool_downs WHERE client_id = :client_id AND "
                    "signer_id = :signer_id") {}
};
struct InsertCoolDown final : Statement<Nothing, CoolDown> {
    explicit InsertCoolDown(Session& session) : Statement(session, insert_sql<CoolDown>()) {}
};
struct DueAnswers final : Statement<std::string, std::int64_t, std::uint32_t> {
    explicit DueAnswers(Session& session)
        : Statement(session,
                    "SELECT id FROM transactions WHERE answer_by <= :now AND " WAITING
                    " ORDER BY answer_by LIMIT :count") {}
};
// Nobody signs before they answered: the index on `answer_by` narrows this one down too.
struct DueSignatures final : Statement<std::string, std::int64_t, std::int64_t, std::uint32_t> {
    explicit DueSignatures(Session& session)
        : Statement(session,
                    "SELECT id FROM transactions WHERE answer_by <= :answer_now "
                    "AND sign_by <= :sign_now AND " APPROVED " ORDER BY answer_by LIMIT :count") {}
};
struct Unfinished final : Statement<std::string> {
    explicit Unfinished(Session& session)
        : Statement(session, "SELECT id FROM transactions WHERE " UNFINISHED) {}
};
struct SetState final : Statement<Nothing, State, std::string, std::string, State> {
    explicit SetState(Session& session)
        : Statement(session,
                    "UPDATE transactions SET state = :state, reason = :reason "
                    "WHERE id = :id AND state = :was") {}
};
struct End final : Statement<Nothing, State, std::string, std::string, State> {
    explicit End(Session& session)
        : Statement(session,
                    "UPDATE transactions SET state = :state, reason = :reason, unfinished = 0 "
                    "WHERE id = :id AND state = :was") {}
};
struct SetUnfinished final : Statement<Nothing, bool, std::string> {
    explicit SetUnfinished(Session& session)
        : Statement(session, "UPDATE transactions SET unfinished = :unfinished WHERE id = :id") {}
};
struct Update final : Statement<Nothing,
                                State,
                                std::string,
                                std::string,
                                hsm::Digest,
                                Bytes,
                                hsm::Digest,
                                hsm::Digest,
                                std::int64_t,
                                std::int64_t,
                                std::optional<std::int64_t>,
                                std::string,
                                State> {
    explicit Update(Session& session)
        : Statement(session,
                    "UPDATE transactions SET state = :state, reason = :reason, "
                    "payload = :payload, module_id = :module_id, preimage = :preimage, "
                    "mac = :mac, challenge = :challenge, answer_by = :answer_by, "
                    "sign_by = :sign_by, approved_at = :approved_at "
                    "WHERE id = :id AND state = :was") {}
};

struct SetApproved final : Statement<Nothing, State, std::int64_t, std::string, State> {
    explicit SetApproved(Session& session)
        : Statement(session,
                    "UPDATE transactions SET state = :state, approved_at = :approved_at "
                    "WHERE id = :id AND state = :was") {}
};

struct SetSadVersion final : Statement<Nothing, std::uint32_t, std::string, std::uint32_t> {
    explicit SetSadVersion(Session& session)
        : Statement(session,
                    "UPDATE transactions SET sad_version = :sad_version "
                    "WHERE id = :id AND sad_version = :was") {}
};

struct InsertAssertion final : Statement<Nothing, AssertionRow> {
    explicit InsertAssertion(Session& session) : Statement(session, insert_sql<AssertionRow>()) {}
};
struct Assertions final : Statement<AssertionRow, std::string> {
    explicit Assertions(Session& session)
        : Statement(session,
                    select_sql<AssertionRow>(
                        "WHERE transaction_id = :id ORDER BY created_at, thumbprint")) {}
};
struct EraseAssertions final : Statement<Nothing, std::string> {
    explicit EraseAssertions(Session& session)
        : Statement(session, "DELETE FROM assertions WHERE transaction_id = :id") {}
};

struct InsertOccurrence final : Statement<Nothing, Occurrence> {
    explicit InsertOccurrence(Session& session) : Statement(session, insert_sql<Occurrence>()) {}
};
struct Occurrences final : Statement<Occurrence, std::string> {
    explicit Occurrences(Session& session)
        : Statement(session,
                    select_sql<Occurrence>("WHERE transaction_id = :id ORDER BY position")) {}
};
struct NewestSigned final : Statement<Occurrence, std::uint32_t> {
    explicit NewestSigned(Session& session)
        : Statement(session,
                    select_sql<Occurrence>("WHERE state = 'signed' ORDER BY transaction_id DESC, "
                                           "position DESC LIMIT :count")) {}
};
struct OneOccurrence final : Statement<Occurrence, std::string, std::uint32_t> {
    explicit OneOccurrence(Session& session)
        : Statement(session,
                    select_sql<Occurrence>("WHERE transaction_id = :id AND position = :at")) {}
};
struct Consume final : Statement<Nothing, Bytes, Bytes, std::int64_t, std::string, std::uint32_t> {
    explicit Consume(Session& session)
        : Statement(session,
                    "UPDATE occurrences SET state = 'signed', signature = :signature, "
                    "receipt = :receipt, signed_at = :signed_at "
                    "WHERE transaction_id = :id AND position = :at AND state = 'authorised'") {}
};
struct Spend final : Statement<Nothing, std::string, std::uint32_t> {
    explicit Spend(Session& session)
        : Statement(session,
                    "UPDATE occurrences SET state = 'spent' "
                    "WHERE transaction_id = :id AND position = :at AND state = 'authorised'") {}
};
struct EraseAuthorised final : Statement<Nothing, std::string> {
    explicit EraseAuthorised(Session& session)
        : Statement(session,
                    "DELETE FROM occurrences "
                    "WHERE transaction_id = :id AND state = 'authorised'") {}
};

#undef WAITING
#undef APPROVED
#undef UNFINISHED

// What hangs on a transaction's end, in the commit that ends it.
Result<void> end(Session& session, const std::string& id) {
    TRY(WebhookTable(session).release(id));
    return SigningJobTable(session).erase(id);
}

// The column follows the state. Most moves leave it alone, and with it the indexes.
Result<void> follow_state(Session& session, const std::string& id, State from, State to) {
    if (transaction::is_final(from) == transaction::is_final(to)) {
        return {};
    }
    return done(session.prepared<SetUnfinished>().run(!transaction::is_final(to), id));
}

}  // namespace

Result<void> TransactionTable::insert(const Transaction& transaction) {
    TRY(session_.prepared<Insert>().run(transaction));
    return follow_state(session_, transaction.id, State::created, transaction.state);
}

Result<std::optional<Transaction>> TransactionTable::by_id(const std::string& id) {
    return session_.prepared<ById>().one(id);
}

Result<std::optional<Transaction>> TransactionTable::open_for(const std::string& client_id,
                                                              const std::string& credential_id,
                                                              const hsm::Digest& request_hash) {
    return session_.prepared<OpenFor>().one(credential_id, request_hash, client_id);
}

Result<std::vector<Transaction>> TransactionTable::unfinished_about(
    const std::string& credential_id, hsm::protocol::Purpose purpose) {
    return session_.prepared<UnfinishedAbout>().all(credential_id, purpose);
}

Result<std::vector<Transaction>> TransactionTable::unfinished_requests(
    const std::string& credential_id) {
    return session_.prepared<UnfinishedRequests>().all(credential_id);
}

Result<std::int64_t> TransactionTable::waiting_count(const std::string& client_id,
                                                     const std::string& signer_id,
                                                     std::int64_t now) {
    TRY_ASSIGN(auto count, session_.prepared<WaitingCount>().one(signer_id, client_id, now));
    return count.value_or(0);
}

Result<std::optional<CoolDown>> TransactionTable::cool_down(const std::string& client_id,
                                                            const std::string& signer_id) {
    return session_.prepared<CoolDownOf>().one(client_id, signer_id);
}

Result<void> TransactionTable::put_cool_down(const CoolDown& cool_down) {
    TRY(session_.prepared<EraseCoolDown>().run(cool_down.client_id, cool_down.signer_id));
    return done(session_.prepared<InsertCoolDown>().run(cool_down));
}

Result<std::vector<Transaction>> TransactionTable::waiting_for_signer(const std::string& signer_id,
                                                                      std::uint32_t limit) {
    return session_.prepared<WaitingForSigner>().all(signer_id, limit);
}

Result<std::vector<Transaction>> TransactionTable::waiting_of_client(const std::string& client_id,
                                                                     std::uint32_t limit) {
    return session_.prepared<WaitingOfClient>().all(client_id, limit);
}

Result<std::vector<Transaction>> TransactionTable::history_of_signer(const std::string& signer_id,
                                                                     std::int64_t before,
                                                                     std::uint32_t limit) {
    return session_.prepared<HistoryOfSigner>().all(signer_id, before, limit);
}

Result<std::vector<Transaction>> TransactionTable::waiting_for_officers(std::uint32_t limit) {
    return session_.prepared<WaitingForOfficers>().all(limit);
}

Result<std::vector<std::string>> TransactionTable::due(std::int64_t now, std::uint32_t limit) {
    TRY_ASSIGN(auto ids, session_.prepared<DueAnswers>().all(now, limit));
    const auto rest = limit - static_cast<std::uint32_t>(ids.size());
    TRY_ASSIGN(auto signatures, session_.prepared<DueSignatures>().all(now, now, rest));
    ids.insert(ids.end(), signatures.begin(), signatures.end());
    return ids;
}

Result<std::vector<std::string>> TransactionTable::unfinished() {
    return session_.prepared<Unfinished>().all();
}

Result<bool> TransactionTable::set_state(const std::string& id,
                                         State from,
                                         State to,
                                         const std::string& reason) {
    if (transaction::is_final(to)) {
        TRY_ASSIGN(auto ended, hit(session_.prepared<End>().run(to, reason, id, from)));
        if (ended) {
            TRY(end(session_, id));
        }
        return ended;
    }
    TRY_ASSIGN(auto moved, hit(session_.prepared<SetState>().run(to, reason, id, from)));
    if (moved) {
        TRY(follow_state(session_, id, from, to));
    }
    return moved;
}

Result<bool> TransactionTable::update(const Transaction& transaction, State from) {
    TRY_ASSIGN(auto updated,
               hit(session_.prepared<Update>().run(transaction.state,
                                                   transaction.reason,
                                                   transaction.payload,
                                                   transaction.module_id,
                                                   transaction.preimage,
                                                   transaction.mac,
                                                   transaction.challenge,
                                                   transaction.answer_by,
                                                   transaction.sign_by,
                                                   transaction.approved_at,
                                                   transaction.id,
                                                   from)));
    if (updated) {
        TRY(follow_state(session_, transaction.id, from, transaction.state));
    }
    return updated;
}

Result<bool> TransactionTable::set_approved(const std::string& id,
                                            State from,
                                            std::int64_t approved_at) {
    return hit(session_.prepared<SetApproved>().run(State::approved, approved_at, id, from));
}

Result<bool> TransactionTable::set_sad_version(const std::string& id,
                                               std::uint32_t from,
                                               std::uint32_t to) {
    return hit(session_.prepared<SetSadVersion>().run(to, id, from));
}

Result<void> TransactionTable::insert_assertion(const AssertionRow& assertion) {
    return done(session_.prepared<InsertAssertion>().run(assertion));
}

Result<std::vector<AssertionRow>> TransactionTable::assertions(const std::string& transaction_id) {
    return session_.prepared<Assertions>().all(transaction_id);
}

Result<void> TransactionTable::erase_assertions(const std::string& transaction_id) {
    return done(session_.prepared<EraseAssertions>().run(transaction_id));
}

Result<void> TransactionTable::insert_occurrence(const Occurrence& occurrence) {
    return done(session_.prepared<InsertOccurrence>().run(occurrence));
}

Result<std::vector<Occurrence>> TransactionTable::occurrences(const std::string& transaction_id) {
    return session_.prepared<Occurrences>().all(transaction_id);
}

Result<std::optional<Occurrence>> TransactionTable::occurrence(const std::string& transaction_id,
                                                               std::uint32_t position) {
    return session_.prepared<OneOccurrence>().one(transaction_id, position);
}

Result<std::vector<Occurrence>> TransactionTable::newest_signed(std::uint32_t limit) {
    return session_.prepared<NewestSigned>().all(limit);
}

Result<bool> TransactionTable::consume(const std::string& transaction_id,
                                       std::uint32_t position,
                                       const Bytes& signature,
                                       const Bytes& receipt,
                                       std::int64_t signed_at) {
    return hit(
        session_.prepared<Consume>().run(signature, receipt, signed_at, transaction_id, position));
}

Result<bool> TransactionTable::spend(const std::string& transaction_id, std::uint32_t position) {
    return hit(session_.prepared<Spend>().run(transaction_id, position));
}

Result<void> TransactionTable::erase_authorised(const std::string& transaction_id) {
    return done(session_.prepared<EraseAuthorised>().run(transaction_id));
}

}  // namespace cloudsign::store

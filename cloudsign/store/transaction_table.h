#pragma once

#include "cloudsign/error.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::store {

class Session;

// Transactions with their assertions and occurrences. Errors as ClientTable's. What changes a row
// names the state that it leaves and answers false, with nothing changed, when the row is in
// another: of two racing events one wins. A closure that then answers a value has its other
// changes committed all the same; to undo them it must answer an Error.
class TransactionTable {
public:
    explicit TransactionTable(Session& session) : session_(session) {}

    Result<void> insert(const Transaction& transaction);
    Result<std::optional<Transaction>> by_id(const std::string& id);
    // The newest one that is waiting, approved or signing.
    Result<std::optional<Transaction>> open_for(const std::string& client_id,
                                                const std::string& credential_id,
                                                const hsm::Digest& request_hash);
    // The office's own and the phones' about this credential, waiting, approved or signing; oldest
    // first.
    Result<std::vector<Transaction>> unfinished_about(const std::string& credential_id,
                                                      hsm::protocol::Purpose purpose);
    // What portals have asked of this credential's holder, waiting, approved or signing.
    Result<std::vector<Transaction>> unfinished_requests(const std::string& credential_id);
    // How many of this client's requests wait for the signer's answer at `now`;
    // those begun on a screen that no phone has seen trouble nobody.
    Result<std::int64_t> waiting_count(const std::string& client_id,
                                       const std::string& signer_id,
                                       std::int64_t now);
    Result<std::optional<CoolDown>> cool_down(const std::string& client_id,
                                              const std::string& signer_id);
    // In place of the pair's former one.
    Result<void> put_cool_down(const CoolDown& cool_down);
    // What waits for this signer, or for any officer; oldest first; Approver::both is in both.
    Result<std::vector<Transaction>> waiting_for_signer(const std::string& signer_id,
                                                        std::uint32_t limit);
    Result<std::vector<Transaction>> waiting_for_officers(std::uint32_t limit);
    // What this client asked and waits, screens that no phone has seen included; no order.
    Result<std::vector<Transaction>> waiting_of_client(const std::string& client_id,
                                                       std::uint32_t limit);
    // What this signer was asked and is over, with `created_at` before `before`; newest first.
    Result<std::vector<Transaction>> history_of_signer(const std::string& signer_id,
                                                       std::int64_t before,
                                                       std::uint32_t limit);
    // Ids of what is waiting with `answer_by` or open with `sign_by` at or before `now`.
    Result<std::vector<std::string>> due(std::int64_t now, std::uint32_t limit);
    // Ids of all that is waiting, approved or signing.
    Result<std::vector<std::string>> unfinished();

    Result<bool> set_state(const std::string& id,
                           transaction::State from,
                           transaction::State to,
                           const std::string& reason);
    // Writes what may change in a transaction's life: state, reason, payload, the activation
    // (module_id, preimage, mac, challenge) and the times but created_at.
    Result<bool> update(const Transaction& transaction, transaction::State from);
    // To approved, at that time.
    Result<bool> set_approved(const std::string& id,
                              transaction::State from,
                              std::int64_t approved_at);

    // Which of its SADs counts.
    Result<bool> set_sad_version(const std::string& id, std::uint32_t from, std::uint32_t to);

    Result<void> insert_assertion(const AssertionRow& assertion);
    // In the order of arrival.
    Result<std::vector<AssertionRow>> assertions(const std::string& transaction_id);
    // When the signer is asked again.
    Result<void> erase_assertions(const std::string& transaction_id);

    Result<void> insert_occurrence(const Occurrence& occurrence);
    // By position.
    Result<std::vector<Occurrence>> occurrences(const std::string& transaction_id);
    Result<std::optional<Occurrence>> occurrence(const std::string& transaction_id,
                                                 std::uint32_t position);
    // Of all transactions, those of the newest first.
    Result<std::vector<Occurrence>> newest_signed(std::uint32_t limit);
    // From authorised to signed; false when it is not authorised, so that a second signature never
    // replaces the first.
    Result<bool> consume(const std::string& transaction_id,
                         std::uint32_t position,
                         const Bytes& signature,
                         const Bytes& receipt,
                         std::int64_t signed_at);
    // From authorised to spent: nothing will ever come of it.
    Result<bool> spend(const std::string& transaction_id, std::uint32_t position);
    // Those still authorised, when the signer is asked again.
    Result<void> erase_authorised(const std::string& transaction_id);

private:
    Session& session_;
};

}  // namespace cloudsign::store

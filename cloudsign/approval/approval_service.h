#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>

#include "cloudsign/approval/group.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/rows.h"
#include "cloudsign/transaction/transaction_service.h"

namespace cloudsign::approval {

// A transaction as an approver's device is shown it.
struct PendingItem {
    store::Transaction transaction;
    hsm::protocol::ChallengePreimage activation;
    std::shared_ptr<const store::Credential> credential;
    std::string subject;                   // RFC 4514, of the credential's owner
    std::vector<hsm::Digest> thumbprints;  // who may approve, and has not yet
    std::string rp_id;
    std::string origin;
    // The organisation behind the portal, as the operator has made sure today; empty: nobody has.
    std::string requester_verified_as{};
};

// What waits for officers, as the office's screen shows it: no more can be done about it there.
struct OfficeItem {
    store::Transaction transaction;
    std::string subject;                   // RFC 4514, of the credential's owner
    std::optional<std::string> signer_id;  // whose credential it is
    std::size_t officers_given = 0;        // people, as the module counts them
    std::size_t officers_needed = 0;
    std::vector<hsm::Digest> keys;  // bind: thumbprints of the phones that the key is to belong to
    bool signer_approved = false;   // bind: every one of them has
};

// An assertion as a device sends it.
struct SentAssertion {
    hsm::Digest thumbprint{};
    Bytes authenticator_data;
    Bytes client_data_json;
    Bytes signature;
    std::string code{};  // as the signer typed it, where it has to be typed
};

// What devices of signers and officers may see and answer.
class ApprovalService {
public:
    ApprovalService(store::Database& database,
                    ModulePort& modules,
                    const Clock& clock,
                    transaction::TransactionService& transactions);

    // What happens when a transaction of this purpose is wholly approved that no portal asked for;
    // it runs on the thread of the last approver and its error is that approver's answer.
    using Completion = std::function<Result<void>(const store::Transaction& transaction)>;
    void on_approved(hsm::protocol::Purpose purpose, Completion completion);

    // Oldest first, at most 200.
    Result<std::vector<PendingItem>> pending(const store::Device& device);
    // What waits for any officer; oldest first, at most 200.
    Result<std::vector<OfficeItem>> office_queue();
    // `not_found` unless the device's owner is an approver of it.
    Result<PendingItem> item(const store::Device& device, const std::string& transaction_id);

    // The one whose start the device has seen on a screen; from now on it is among those pending.
    // `not_found` for a token that is none, too old, or somebody else's.
    Result<PendingItem> start(const store::Device& device, std::string_view token);

    // A signer's, as TransactionService::more_time.
    Result<PendingItem> more_time(const store::Device& device, const std::string& transaction_id);

    // What the signer was asked before and is over, newest first, `created_at` before `before`; at
    // most 50. Nothing for officers: theirs is the audit.
    Result<std::vector<store::Transaction>> history(const store::Device& device,
                                                    std::int64_t before);

    // A wrong typed code ends the transaction: `rejected`.
    Result<store::Transaction> approve(const store::Device& device,
                                       const std::string& transaction_id,
                                       const SentAssertion& assertion);
    Result<store::Transaction> refuse(const store::Device& device,
                                      const std::string& transaction_id,
                                      transaction::TransactionService::Refusal refusal);

    // Runs completions that a crash has cut off: approved office transactions at start. One that
    // cannot be completed does not keep the others from it; `unavailable` when a module or the
    // database cannot be reached, and then the rest is left for the next time.
    Result<void> resume();

    // The same for those alone that a module or the database kept from being completed. Every so
    // often.
    void retry();

    // The group as the modules state it; read once, when a module answers.
    Result<Group> group();

private:
    struct Approvers;

    Result<store::Transaction> load(const store::Device& device, const std::string& transaction_id);
    static Result<std::vector<hsm::Digest>> approved_by(store::Session& session,
                                                        const store::Transaction& transaction);
    Result<std::string> subject_of(const std::string& signer_id);
    Result<OfficeItem> describe_for_office(store::Transaction transaction,
                                           const std::vector<hsm::Digest>& given);
    Result<PendingItem> describe(store::Transaction transaction,
                                 const std::vector<hsm::Digest>& approved_by);
    Result<void> check_may_change_hands(const store::Transaction& transaction);
    Result<Approvers> approvers_of(const store::Transaction& transaction,
                                   const store::Credential& credential);
    // Nothing to do unless it is wholly approved, not finished yet, and nobody else is at it.
    Result<void> complete(const store::Transaction& transaction);

    store::Database& database_;
    ModulePort& modules_;
    const Clock& clock_;
    transaction::TransactionService& transactions_;
    std::map<hsm::protocol::Purpose, Completion> completions_;
    transaction::Reservations completing_;
    std::mutex put_off_mutex_;
    std::set<std::string> put_off_;  // ids
    std::mutex group_mutex_;
    std::optional<Group> group_;
};

}  // namespace cloudsign::approval

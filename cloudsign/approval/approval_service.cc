#include "cloudsign/approval/approval_service.h"

#include <algorithm>

#include "cloudsign/approval/approvers.h"
#include "cloudsign/approval/assertion_check.h"
#include "cloudsign/approval/rebind_payload.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/signer_table.h"
#include "cloudsign/store/transaction_table.h"

namespace cloudsign::approval {
namespace {

using hsm::protocol::BackupPolicy;
using hsm::protocol::Purpose;
using store::Approver;
using store::TransactionTable;

constexpr std::uint32_t history_max = 50;

bool may_see(const store::Device& device, const store::Transaction& transaction) {
    if (device.owner_kind == store::DeviceOwner::officer) {
        return transaction.approver_kind != Approver::signer;
    }
    return transaction.approver_kind != Approver::officer &&
           transaction.approver_id == device.owner_id;
}

// Begun on a screen that no phone has been held to yet.
bool waits_for_start(const store::Transaction& transaction) {
    return transaction.state == transaction::State::created;
}

}  // namespace

ApprovalService::ApprovalService(store::Database& database,
                                 ModulePort& modules,
                                 const Clock& clock,
                                 transaction::TransactionService& transactions)
    : database_(database), modules_(modules), clock_(clock), transactions_(transactions) {}

void ApprovalService::on_approved(Purpose purpose, Completion completion) {
    completions_[purpose] = std::move(completion);
}

Result<Group> ApprovalService::group() {
    {
        const std::lock_guard lock(group_mutex_);
        if (group_) {
            return *group_;
        }
    }
    TRY_ASSIGN(auto group, read_group(modules_));
    const std::lock_guard lock(group_mutex_);
    group_ = group;
    return group;
}

Result<ApprovalService::Approvers> ApprovalService::approvers_of(
    const store::Transaction& transaction, const store::Credential& credential) {
    Approvers approvers;
    if (!credential.blob) {
        return Error{ErrorKind::credential_disabled, "the credential has no key"};
    }
    const auto blob = hsm::protocol::decode_blob(*credential.blob);
    const auto policy = blob ? hsm::protocol::decode<hsm::protocol::Policy>(blob->header.policy)
                             : hsm::Result<hsm::protocol::Policy>(hsm::Status::malformed);
    if (!policy) {
        return Error{ErrorKind::internal, "the key blob in the database cannot be read"};
    }
    if (transaction.approver_kind != Approver::officer) {
        for (std::size_t i = 0; i < policy->activation_key_count(); ++i) {
            approvers.add(policy->activation_key(i), policy->backup, Approvers::Part::holder);
        }
        approvers.holders_needed = transaction.purpose == Purpose::bind ? approvers.keys.size() : 1;
    }
    if (transaction.purpose == Purpose::rebind) {
        TRY_ASSIGN(const auto payload, read_rebind(transaction.payload));
        // Once it is done the new phone is the holder.
        if (std::ranges::find(policy->points, payload.key.point) == policy->points.end()) {
            approvers.add(payload.key, policy->backup, Approvers::Part::newcomer);
            approvers.newcomers_needed = 1;
        }
    }
    if (transaction.approver_kind != Approver::signer) {
        TRY_ASSIGN(auto officers, group());
        for (std::size_t i = 0; i < officers.officers.size(); ++i) {
            approvers.add({officers.officers[i], officers.officer_backup_eligible[i]},
                          BackupPolicy::allowed,
                          Approvers::Part::officer,
                          officers.officer_persons[i]);
        }
        // One officer confirms a person's phone face to face; an issuer's key and its signatures
        // need as many as the group asks for.
        approvers.officers_needed =
            transaction.approver_kind == Approver::both ? 1 : officers.officers_needed;
    }
    return approvers;
}

Result<std::vector<hsm::Digest>> ApprovalService::approved_by(
    store::Session& session, const store::Transaction& transaction) {
    std::vector<hsm::Digest> thumbprints;
    // A signer's own approval is whole at once, so one that waits has none; but for two phones.
    if (transaction.approver_kind == Approver::signer && transaction.purpose != Purpose::rebind &&
        transaction::is_waiting(transaction.state)) {
        return thumbprints;
    }
    TRY_ASSIGN(auto rows, TransactionTable(session).assertions(transaction.id));
    for (const auto& row : rows) {
        thumbprints.push_back(row.thumbprint);
    }
    return thumbprints;
}

// Of one who has been deleted, too: officers are still asked to end their key.
Result<std::string> ApprovalService::subject_of(const std::string& signer_id) {
    TRY_ASSIGN(auto known, database_.signer(signer_id));
    if (known) {
        return known->subject;
    }
    TRY_ASSIGN(auto former, database_.read([&](store::Session& session) {
        return store::SignerTable(session).ever_with_id(signer_id);
    }));
    return former ? former->subject : "";
}

Result<PendingItem> ApprovalService::describe(store::Transaction transaction,
                                              const std::vector<hsm::Digest>& approved_by) {
    PendingItem item;
    TRY_ASSIGN(item.credential, database_.credential(transaction.credential_id));
    if (!item.credential) {
        return not_found();
    }
    const auto activation =
        hsm::protocol::decode_tagged<hsm::protocol::ChallengePreimage>(transaction.preimage);
    if (!activation) {
        return Error{ErrorKind::internal, "the activation in the database cannot be read"};
    }
    // A key that was ended is gone with the approval that ended it: nobody is asked any more, and
    // whoever approved is still shown what became of it.
    if (item.credential->blob || transaction::is_waiting(transaction.state)) {
        TRY_ASSIGN(auto approvers, approvers_of(transaction, *item.credential));
        for (const auto& key : approvers.keys) {
            if (std::ranges::find(approved_by, key.thumbprint) == approved_by.end()) {
                item.thumbprints.push_back(key.thumbprint);
            }
        }
    }
    item.subject = item.credential->description;
    if (item.credential->signer_id) {
        TRY_ASSIGN(item.subject, subject_of(*item.credential->signer_id));
    }
    TRY_ASSIGN(auto where, group());
    item.rp_id = where.rp_id;
    item.origin = where.origin;
    if (transaction.client_id) {
        TRY_ASSIGN(auto client, database_.client(*transaction.client_id));
        item.requester_verified_as = client ? client->settings.verified_as : "";
    }
    item.activation = *activation;
    item.transaction = std::move(transaction);
    return item;
}

Result<std::vector<PendingItem>> ApprovalService::pending(const store::Device& device) {
    struct Waiting {
        store::Transaction transaction;
        std::vector<hsm::Digest> approved_by;
    };
    const auto read = [&](store::Session& session) -> Result<std::vector<Waiting>> {
        TransactionTable table(session);
        TRY_ASSIGN(auto transactions,
                   device.owner_kind == store::DeviceOwner::officer
                       ? table.waiting_for_officers(pending_max)
                       : table.waiting_for_signer(device.owner_id, pending_max));
        std::vector<Waiting> waiting;
        for (auto& transaction : transactions) {
            if (transaction.answer_by > clock_.now_ms() && !waits_for_start(transaction)) {
                TRY_ASSIGN(auto given, approved_by(session, transaction));
                waiting.push_back({std::move(transaction), std::move(given)});
            }
        }
        return waiting;
    };
    TRY_ASSIGN(auto waiting, database_.read(read));
    std::vector<PendingItem> items;
    for (auto& one : waiting) {
        auto described = describe(std::move(one.transaction), one.approved_by);
        // About a key that is gone nothing can be approved; it keeps nobody from the others.
        if (!described && described.error().kind == ErrorKind::credential_disabled) {
            continue;
        }
        TRY_ASSIGN(auto item, std::move(described));
        // What this approver has already done their part of is no longer pending for them.
        if (std::ranges::find(item.thumbprints, device.thumbprint) == item.thumbprints.end()) {
            continue;
        }
        items.push_back(std::move(item));
    }
    return items;
}

Result<store::Transaction> ApprovalService::load(const store::Device& device,
                                                 const std::string& transaction_id) {
    TRY_ASSIGN(auto transaction, transactions_.find(transaction_id));
    if (!may_see(device, transaction) || waits_for_start(transaction)) {
        return not_found();
    }
    return transaction;
}

Result<PendingItem> ApprovalService::item(const store::Device& device,
                                          const std::string& transaction_id) {
    TRY_ASSIGN(auto transaction, load(device, transaction_id));
    // A list is glanced at; this is the person opening one.
    if (device.owner_kind == store::DeviceOwner::signer) {
        TRY(transactions_.see(transaction));
        TRY_ASSIGN(transaction, load(device, transaction_id));
    }
    TRY_ASSIGN(auto given, database_.read([&](store::Session& session) {
        return approved_by(session, transaction);
    }));
    return describe(std::move(transaction), given);
}

Result<PendingItem> ApprovalService::start(const store::Device& device, std::string_view token) {
    TRY_ASSIGN(auto transaction, transactions_.find_by_start_token(token));
    if (!may_see(device, transaction)) {
        return not_found();
    }
    TRY(transactions_.see(transaction));
    return item(device, transaction.id);
}

Result<PendingItem> ApprovalService::more_time(const store::Device& device,
                                               const std::string& transaction_id) {
    TRY_ASSIGN(auto transaction, load(device, transaction_id));
    if (device.owner_kind != store::DeviceOwner::signer) {
        return Error{ErrorKind::conflict, "no more time can be given"};
    }
    TRY(transactions_.more_time(transaction));
    return item(device, transaction_id);
}

Result<std::vector<store::Transaction>> ApprovalService::history(const store::Device& device,
                                                                 std::int64_t before) {
    if (device.owner_kind != store::DeviceOwner::signer) {
        return std::vector<store::Transaction>();
    }
    return database_.read([&](store::Session& session) {
        return TransactionTable(session).history_of_signer(device.owner_id, before, history_max);
    });
}

// A signer frozen or suspended while a change of phones waits may have lost the old one: whoever
// holds it must not carry the key away. The office resumes signing, and with it the change.
Result<void> ApprovalService::check_may_change_hands(const store::Transaction& transaction) {
    if (transaction.purpose != Purpose::rebind) {
        return {};
    }
    TRY_ASSIGN(const auto signer, database_.signer(transaction.approver_id));
    if (!signer || signer->status != store::SignerStatus::active) {
        return Error{ErrorKind::conflict,
                     "signing is suspended; the registration office resumes it"};
    }
    return {};
}

Result<store::Transaction> ApprovalService::approve(const store::Device& device,
                                                    const std::string& transaction_id,
                                                    const SentAssertion& sent) {
    TRY_ASSIGN(auto transaction, load(device, transaction_id));
    if (!transaction::is_waiting(transaction.state)) {
        return Error{transaction.state == transaction::State::expired ? ErrorKind::expired
                                                                      : ErrorKind::conflict,
                     "the transaction is " + std::string(transaction::name(transaction.state))};
    }
    TRY(check_may_change_hands(transaction));
    if (transaction::is_code_typed(transaction) && sent.code != transaction.code) {
        using Refusal = transaction::TransactionService::Refusal;
        TRY(transactions_.refuse(transaction, Refusal::wrong_code));
        return Error{ErrorKind::rejected, "the number was not the one on the screen"};
    }
    TRY_ASSIGN(auto credential, database_.credential(transaction.credential_id));
    if (!credential) {
        return not_found();
    }
    TRY_ASSIGN(auto approvers, approvers_of(transaction, *credential));
    const auto* key = approvers.find(sent.thumbprint);
    if (key == nullptr || sent.thumbprint != device.thumbprint) {
        return Error{ErrorKind::assertion_refused, "this device's passkey may not approve this"};
    }
    TRY_ASSIGN(auto where, group());
    const hsm::protocol::Assertion assertion{
        sent.thumbprint, sent.authenticator_data, sent.client_data_json, sent.signature};
    TRY(check_assertion(
        assertion, key->key, where.rp_id, where.origin, transaction.challenge, key->backup));

    store::AssertionRow row;
    row.transaction_id = transaction.id;
    row.thumbprint = sent.thumbprint;
    row.device_id = device.id;
    row.created_at = clock_.now_ms();
    row.assertion.resize(hsm::protocol::assertion_size_max);
    const auto encoded = hsm::protocol::encode_assertion(assertion, row.assertion);
    if (!encoded) {
        return Error{ErrorKind::invalid, "the assertion is too large"};
    }
    row.assertion.resize(encoded->size());

    // A signer's own approval is whole at once; elsewhere it depends on who has approved before.
    transaction::TransactionService::Enough enough;
    if (approvers.needed() > 1) {
        enough = [&](const std::vector<hsm::Digest>& given) {
            return approvers.satisfied_by(given);
        };
    }
    TRY_ASSIGN(auto approved, transactions_.approve(transaction, row, enough));
    if (approved.state == transaction::State::approved) {
        TRY(complete(approved));
    }
    return approved;
}

Result<store::Transaction> ApprovalService::refuse(
    const store::Device& device,
    const std::string& transaction_id,
    transaction::TransactionService::Refusal refusal) {
    TRY_ASSIGN(auto transaction, load(device, transaction_id));
    return transactions_.refuse(transaction, refusal);
}

// From the state that is stored by then: the last approver and resume() may come for the same
// transaction. Whoever comes second leaves it to the first, as waiting under a mutex could stop the
// I/O thread.
Result<void> ApprovalService::complete(const store::Transaction& transaction) {
    const auto completion = completions_.find(transaction.purpose);
    if (completion == completions_.end() || transaction.client_id) {
        return {};  // a portal fetches the signatures
    }
    const auto hold = completing_.try_hold(transaction.id);
    if (!hold) {
        return {};
    }
    TRY_ASSIGN(auto current, transactions_.find(transaction.id));
    if (current.state != transaction::State::approved &&
        current.state != transaction::State::signing) {
        return {};
    }
    auto completed = completion->second(current);
    const std::lock_guard lock(put_off_mutex_);
    if (!completed && completed.error().kind == ErrorKind::unavailable) {
        put_off_.insert(transaction.id);
    } else {
        put_off_.erase(transaction.id);
    }
    return completed;
}

void ApprovalService::retry() {
    std::set<std::string> ids;
    {
        const std::lock_guard lock(put_off_mutex_);
        ids.swap(put_off_);
    }
    for (const auto& id : ids) {
        const auto transaction = transactions_.find(id);
        if (transaction) {
            static_cast<void>(complete(*transaction));
        } else if (transaction.error().kind == ErrorKind::unavailable) {
            const std::lock_guard lock(put_off_mutex_);
            put_off_.insert(id);
        }
    }
}

Result<void> ApprovalService::resume() {
    TRY_ASSIGN(auto ids, database_.read([&](store::Session& session) {
        return TransactionTable(session).unfinished();
    }));
    for (const auto& id : ids) {
        auto transaction = transactions_.find(id);
        if (!transaction && transaction.error().kind == ErrorKind::unavailable) {
            return std::move(transaction).error();
        }
        if (!transaction) {
            continue;  // a row that cannot be read keeps no other from being completed
        }
        const auto completed = complete(*transaction);
        if (!completed && completed.error().kind == ErrorKind::unavailable) {
            return completed.error();
        }
    }
    return {};
}

}  // namespace cloudsign::approval

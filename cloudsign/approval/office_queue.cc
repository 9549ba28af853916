#include "cloudsign/approval/approvers.h"
#include "cloudsign/store/transaction_table.h"

// What waits for officers, as the office's screen shows it.
namespace cloudsign::approval {

using store::TransactionTable;

Result<OfficeItem> ApprovalService::describe_for_office(store::Transaction transaction,
                                                        const std::vector<hsm::Digest>& given) {
    OfficeItem item;
    TRY_ASSIGN(auto credential, database_.credential(transaction.credential_id));
    if (!credential) {
        return not_found();
    }
    TRY_ASSIGN(auto approvers, approvers_of(transaction, *credential));
    const auto counted = approvers.given_by(given);
    item.officers_given = counted.officers;
    item.officers_needed = approvers.officers_needed;
    item.signer_approved = counted.holders >= approvers.holders_needed;
    for (const auto& key : approvers.keys) {
        if (key.part != Approvers::Part::officer) {
            item.keys.push_back(key.thumbprint);
        }
    }
    item.subject = credential->description;
    item.signer_id = credential->signer_id;
    if (credential->signer_id) {
        TRY_ASSIGN(item.subject, subject_of(*credential->signer_id));
    }
    item.transaction = std::move(transaction);
    return item;
}

Result<std::vector<OfficeItem>> ApprovalService::office_queue() {
    struct Waiting {
        store::Transaction transaction;
        std::vector<hsm::Digest> given;
    };
    TRY_ASSIGN(auto waiting,
               database_.read([&](store::Session& session) -> Result<std::vector<Waiting>> {
                   TRY_ASSIGN(auto transactions,
                              TransactionTable(session).waiting_for_officers(pending_max));
                   std::vector<Waiting> read;
                   for (auto& transaction : transactions) {
                       if (transaction.answer_by > clock_.now_ms()) {
                           TRY_ASSIGN(auto given, approved_by(session, transaction));
                           read.push_back({std::move(transaction), std::move(given)});
                       }
                   }
                   return read;
               }));
    std::vector<OfficeItem> items;
    for (auto& one : waiting) {
        auto described = describe_for_office(std::move(one.transaction), one.given);
        // About a key that is gone nothing can be approved; it keeps nobody from the others.
        if (!described && described.error().kind == ErrorKind::credential_disabled) {
            continue;
        }
        TRY_ASSIGN(auto item, std::move(described));
        items.push_back(std::move(item));
    }
    return items;
}

}  // namespace cloudsign::approval

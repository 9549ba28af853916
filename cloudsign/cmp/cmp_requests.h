#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/credential/credential_service.h"
#include "cloudsign/store/cmp_table.h"
#include "cloudsign/transaction/transaction_service.h"

namespace cloudsign::cmp {

// What accounts have asked for, between their clients and the officers. Any thread calls.
class CmpRequests {
public:
    CmpRequests(store::Database& database,
                const Clock& clock,
                transaction::TransactionService& transactions,
                credential::CredentialService& credentials)
        : database_(database),
          clock_(clock),
          transactions_(transactions),
          credentials_(credentials) {}

    Result<std::optional<store::CmpRequest>> find(const std::string& account,
                                                  const std::string& transaction_id);

    // One that waits, as the office has decided meanwhile, written down: issued or refused. Others
    // as they are.
    Result<store::CmpRequest> settled(store::CmpRequest request);

    // Keeps a new one with the credential that it is for; or answers the one that has the same
    // transaction. `busy` while a thousand of the account wait for the officers, of a week.
    Result<store::CmpRequest> begin(const store::CmpRequest& request,
                                    const store::Credential& credential);

    // Asks the officers about what waits of the account, a hundred at most, in one question; not
    // while one about others of it is open, and not twice in a second. Whoever calls meanwhile
    // waits for nothing. After a failure nobody is asked about the account for ten seconds, and
    // about no other where no module has answered.
    Result<void> ask_officers(const std::string& account);

    Result<void> confirm(store::CmpRequest request);
    // For good, with its credential and its certificate, if it has one.
    Result<void> end(store::CmpRequest request, const std::string& why);

    // Everything of the account that waits is refused; the question about it is withdrawn.
    Result<void> withdraw(const std::string& account, const std::string& why);

private:
    // As it is then: changed by somebody else meanwhile it stays as they have it.
    Result<store::CmpRequest> put(store::CmpRequest request,
                                  store::CmpState state,
                                  std::string detail = "");
    Result<std::vector<store::CmpRequest>> still_waiting(const std::string& account);
    Result<bool> may_be_approved(const std::string& question_id);
    // By credential, the question that officers are asked about it by somebody else: the operator.
    Result<std::map<std::string, std::string>> other_questions();
    Result<void> ask_about(const std::string& account, std::vector<store::CmpRequest> unasked);

    store::Database& database_;
    const Clock& clock_;
    transaction::TransactionService& transactions_;
    credential::CredentialService& credentials_;
    std::mutex asking_;
    std::map<std::string, std::int64_t> next_look_;  // at what an account has, by its name
    std::int64_t resume_at_ = 0;
};

}  // namespace cloudsign::cmp

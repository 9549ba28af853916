#pragma once

#include <string>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/cmp/cmp_requests.h"
#include "cloudsign/credential/credential_service.h"
#include "cloudsign/store/cmp_table.h"

namespace cloudsign::cmp {

struct CmpAnswer {
    Bytes message;               // PKIMessage, DER
    std::optional<Error> fault;  // what of ours has failed meanwhile, for the log
};

struct ListedRequest {
    store::CmpRequest request;
    store::Credential credential;
};

// The built-in CA as a CMP server (RFC 4210, RFC 9483): certificates of keys that are kept
// elsewhere, another appliance's or a machine's, for registration authorities that have an account.
// Each certificate is approved by the officers, as every other; until they have, the client polls.
//
// ir, cr and kur with one request each and proof of possession by signature, p10cr, pollReq,
// certConf, rr; every message under the account's password-based MAC. Durable: a transaction goes
// on after a restart. Any thread calls.
class CmpAuthority {
public:
    CmpAuthority(store::Database& database,
                 const Clock& clock,
                 transaction::TransactionService& transactions,
                 credential::CredentialService& credentials)
        : database_(database),
          clock_(clock),
          credentials_(credentials),
          requests_(database, clock, transactions, credentials) {}

    // With a new secret, which the caller shows. `profile`: person, organisation or device.
    // `invalid` for a name that is none; `conflict` for one that is or was another's.
    Result<store::CmpAccount> add_account(const std::string& name, pki::Profile profile);
    Result<std::vector<store::CmpAccount>> accounts();
    // Another secret in place of the one before; what waits under that one is refused. `not_found`.
    Result<store::CmpAccount> renew_secret(const std::string& name);
    // For good: its messages are answered no more, and what waits of it is refused; its
    // certificates stay as they are. `not_found`.
    Result<store::CmpAccount> remove_account(const std::string& name);

    // Newest first, those before `before_id`; empty starts at the newest.
    Result<std::vector<ListedRequest>> requests(const std::string& before_id, std::uint32_t limit);

    // The answer to a PKIMessage (DER), a refusal too. `not_found` for an account that is none;
    // `invalid`, in words, for what is no message under a password-based MAC.
    Result<CmpAnswer> answer(const std::string& account, const Bytes& message);

private:
    // Of an account that is there.
    Result<store::CmpAccount> change(const std::string& name,
                                     store::CmpAccountStatus status,
                                     std::string secret);

    store::Database& database_;
    const Clock& clock_;
    credential::CredentialService& credentials_;
    CmpRequests requests_;
};

}  // namespace cloudsign::cmp

#include "cloudsign/cmp/cmp_authority.h"

#include "cloudsign/base64.h"
#include "cloudsign/cmp/cmp_exchange.h"
#include "cloudsign/cmp/cmp_request.h"
#include "cloudsign/identity/text.h"
#include "cloudsign/random.h"
#include "cloudsign/store/credential_table.h"

namespace cloudsign::cmp {

using store::CmpAccount;
using store::CmpAccountStatus;
using store::CmpTable;

Result<CmpAccount> CmpAuthority::add_account(const std::string& name, pki::Profile profile) {
    TRY(identity::check_word("name", name));
    CHECK(pki::signer_profile_named(pki::profile_name(profile)).has_value());
    const CmpAccount account{
        name, profile, base64url(random_32()), CmpAccountStatus::active, clock_.now_ms()};
    TRY(database_.write([&](store::Session& session) -> Result<void> {
        CmpTable table(session);
        TRY_ASSIGN(const auto before, table.account(name));
        if (!before) {
            return table.insert_account(account);
        }
        if (before->status == CmpAccountStatus::active) {
            return Error{ErrorKind::conflict, "there is an account " + name + " already"};
        }
        TRY(table.update_account(account));
        return {};
    }));
    return account;
}

Result<std::vector<CmpAccount>> CmpAuthority::accounts() {
    return database_.read([](store::Session& session) { return CmpTable(session).accounts(); });
}

Result<CmpAccount> CmpAuthority::remove_account(const std::string& name) {
    return database_.write([&](store::Session& session) -> Result<CmpAccount> {
        CmpTable table(session);
        TRY_ASSIGN(auto account, table.account(name));
        if (!account || account->status == CmpAccountStatus::disabled) {
            return Error{ErrorKind::not_found, "no account " + name};
        }
        account->status = CmpAccountStatus::disabled;
        account->secret.clear();
        TRY(table.update_account(*account));
        return *std::move(account);
    });
}

Result<std::vector<ListedRequest>> CmpAuthority::requests(const std::string& before_id,
                                                          std::uint32_t limit) {
    return database_.read([&](store::Session& session) -> Result<std::vector<ListedRequest>> {
        TRY_ASSIGN(auto page, CmpTable(session).page(before_id, limit));
        std::vector<ListedRequest> listed;
        for (auto& request : page) {
            TRY_ASSIGN(auto credential,
                       store::CredentialTable(session).by_id(request.credential_id));
            if (!credential) {
                return Error{ErrorKind::internal, "a request of no credential"};
            }
            listed.push_back({std::move(request), *std::move(credential)});
        }
        return listed;
    });
}

Result<CmpAnswer> CmpAuthority::answer(const std::string& account, const Bytes& message) {
    TRY_ASSIGN(const auto known, database_.read([&](store::Session& session) {
        return CmpTable(session).account(account);
    }));
    if (!known || known->status == CmpAccountStatus::disabled) {
        return Error{ErrorKind::not_found, "no CMP account " + account};
    }
    TRY_ASSIGN(const auto request, read_request(message));
    TRY_ASSIGN(const auto authority, credentials_.root_certificate());
    CmpExchange exchange(database_, clock_, credentials_, *known, authority);
    CmpAnswer answered;
    TRY_ASSIGN(answered.message, exchange.answer(request.get()));
    answered.fault = exchange.take_fault();
    return answered;
}

}  // namespace cloudsign::cmp

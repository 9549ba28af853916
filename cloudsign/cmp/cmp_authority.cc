#include "cloudsign/cmp/cmp_authority.h"

#include "cloudsign/base64.h"
#include "cloudsign/cmp/cmp_exchange.h"
#include "cloudsign/cmp/cmp_request.h"
#include "cloudsign/identity/text.h"
#include "cloudsign/random.h"

namespace cloudsign::cmp {

using store::CmpAccount;
using store::CmpAccountStatus;
using store::CmpTable;

Result<CmpAccount> CmpAuthority::add_account(const std::string& name, pki::Profile profile) {
    TRY(identity::check_word("name", name));
    CHECK(pki::signer_profile_named(pki::profile_name(profile)).has_value());
    if (name.front() == '.') {
        return Error{ErrorKind::invalid, "name must not begin with a dot"};
    }
    const CmpAccount account{
        name, profile, base64url(random_32()), CmpAccountStatus::active, clock_.now_ms()};
    TRY(database_.write([&](store::Session& session) -> Result<void> {
        CmpTable table(session);
        TRY_ASSIGN(const auto before, table.account(name));
        if (before) {
            return Error{
                ErrorKind::conflict,
                before->status == CmpAccountStatus::active
                    ? "there is an account " + name + " already"
                    : "account " + name +
                          " was removed, and what it was given is its own: take another name"};
        }
        return table.insert_account(account);
    }));
    return account;
}

Result<std::vector<CmpAccount>> CmpAuthority::accounts() {
    return database_.read([](store::Session& session) { return CmpTable(session).accounts(); });
}

Result<CmpAccount> CmpAuthority::change(const std::string& name,
                                        CmpAccountStatus status,
                                        std::string secret) {
    return database_.write([&](store::Session& session) -> Result<CmpAccount> {
        CmpTable table(session);
        TRY_ASSIGN(auto account, table.account(name));
        if (!account || account->status == CmpAccountStatus::disabled) {
            return Error{ErrorKind::not_found, "no account " + name};
        }
        account->status = status;
        account->secret = std::move(secret);
        TRY(table.update_account(*account));
        return *std::move(account);
    });
}

Result<CmpAccount> CmpAuthority::renew_secret(const std::string& name) {
    TRY_ASSIGN(auto account, change(name, CmpAccountStatus::active, base64url(random_32())));
    TRY(requests_.withdraw(name, "the account's secret was changed: ask anew"));
    return account;
}

Result<CmpAccount> CmpAuthority::remove_account(const std::string& name) {
    TRY_ASSIGN(auto account, change(name, CmpAccountStatus::disabled, ""));
    TRY(requests_.withdraw(name, "the account was removed"));
    return account;
}

Result<std::vector<ListedRequest>> CmpAuthority::requests(const std::string& before_id,
                                                          std::uint32_t limit) {
    TRY_ASSIGN(const auto page, database_.read([&](store::Session& session) {
        return CmpTable(session).page(before_id, limit);
    }));
    std::vector<ListedRequest> listed;
    for (const auto& request : page) {
        TRY_ASSIGN(auto now, requests_.settled(request));
        TRY_ASSIGN(auto credential, credentials_.find(request.credential_id));
        listed.push_back({std::move(now), std::move(credential)});
    }
    return listed;
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
    CmpExchange exchange(database_, clock_, credentials_, requests_, *known, authority);
    CmpAnswer answered;
    TRY_ASSIGN(answered.message, exchange.answer(request.get()));
    answered.fault = exchange.take_fault();
    return answered;
}

}  // namespace cloudsign::cmp

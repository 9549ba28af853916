#pragma once

#include <string>

#include "cloudsign/clock.h"
#include "cloudsign/oauth/authorization_request.h"
#include "cloudsign/oauth/request_shares.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/login_rows.h"

namespace cloudsign::oauth {

// Authorization requests between their arrival and their answer: pushed by a client (RFC 9126), or
// under way in a browser. Durable, so that a restart loses nobody's page. Any thread; a call may
// park.
class AuthorizationRequests {
public:
    static constexpr std::int64_t pushed_lifetime_ms = 300'000;
    static constexpr std::int64_t lifetime_ms = 600'000;

    // What one client may have pushed and not seen to its end, sign-ins of a quarter of an hour.
    static constexpr std::size_t pushed_max = 20'000;

    AuthorizationRequests(store::Database& database, const Clock& clock)
        : AuthorizationRequests(database, clock, RequestShares::Bounds()) {}
    AuthorizationRequests(store::Database& database,
                          const Clock& clock,
                          const RequestShares::Bounds& bounds)
        : database_(database), clock_(clock), anonymous_(bounds) {}

    // The request_uri. `busy` for a client that pushes very many.
    Result<std::string> push(const std::string& client_id, const RequestParameters& parameters);
    // What was pushed under it, once. `not_found`, also when another client pushed it.
    Result<RequestParameters> take(const std::string& request_uri, const std::string& client_id);

    // The id that leads the browser to its page: 43 characters of base64url. Beginning one needs no
    // secret unless it was pushed: `busy` for an address from which very many are. None for those
    // that were pushed.
    Result<std::string> open(const std::string& client_id,
                             const RequestParameters& parameters,
                             const std::optional<std::string>& address);
    // Somebody has signed in for it: it does not give way to others.
    void keep(const store::Authorization& authorization) { anonymous_.keep(authorization.id_hash); }
    // `not_found` for one that is unknown, over or finished.
    Result<store::Authorization> find(std::string_view id);
    static Result<RequestParameters> parameters_of(const store::Authorization& authorization);
    // The challenge of its sign-in, made now if there is none.
    Result<hsm::Digest> challenge(const store::Authorization& authorization);

    // The signing that it has led to; `conflict` when there is one already. It then lives as long
    // as the phone may answer, and a little more.
    Result<void> begin(const store::Authorization& authorization,
                       const std::string& signer_id,
                       const store::Transaction& transaction);
    // Before the browser is sent back; `conflict` when that has been done.
    Result<void> finish(const store::Authorization& authorization);

private:
    store::Database& database_;
    const Clock& clock_;
    RequestShares anonymous_;
    RequestShares pushed_{{pushed_max, SIZE_MAX, SIZE_MAX}};  // a client is its own source
};

}  // namespace cloudsign::oauth

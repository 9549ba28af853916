#pragma once

#include <optional>

#include "hsm/client/session.h"
#include "server/cli/bringup/bench.h"
#include "server/cli/bringup/drift.h"

namespace server::cli::bringup {

// A module's sessions as one host, with what they say of its clock.
class Talk {
public:
    Talk(const Bench& bench, hsm::client::Psk psk) : bench_(bench), psk_(std::move(psk)) {}

    const hsm::client::Psk& psk() const { return psk_; }
    bool is_bring_up() const { return psk_.identity == hsm::protocol::bring_up_identity; }

    // As Session::connect.
    hsm::Result<void> connect();
    void close();
    // Of one that is connected.
    hsm::client::Session& session() { return *session_; }

    // As Session::call.
    hsm::Result<hsm::client::Reply<hsm::protocol::GetInfoResponse>> info();
    Drift& drift() { return drift_; }
    void forget_clock() { drift_ = {}; }

private:
    const Bench& bench_;
    hsm::client::Psk psk_;
    std::optional<hsm::client::Session> session_;
    Drift drift_;
};

// Whom the board takes for its host. Nothing when there is no way on.
std::optional<Talk> introduce(const Bench& bench);

// Of a session that did not come about, or did not last.
Step refused_session(hsm::Status status);

// Whoever does not know the key must not get in. Ends the session; whether nobody got in.
bool keeps_strangers_out(const Bench& bench, Talk& talk);

}  // namespace server::cli::bringup

#pragma once

#include <boost/json/object.hpp>

#include "hsm/client/session.h"
#include "hsm/protocol/statement.h"
#include "server/cli/ceremony_files.h"
#include "server/cli/commands.h"

// What the steps of `kyso ceremony` have in common: their options, and how they ask a module.
namespace server::cli {

struct CeremonyOptions {
    std::string module;
    std::string psk;
    std::string from;  // a live member, and the PSK to ask it with
    std::string from_psk;
    std::string plan;
    std::string configuration;
    std::string certificate;
    std::string papers;  // what custodians and officers approve
    std::string phone;
    std::vector<std::string> signatures;
    std::vector<std::string> assertions;
    std::vector<std::string> receipts;
    std::string share_set;
    std::vector<std::string> shares;
    std::uint32_t epoch = 1;
    std::string data;  // of the server whose keys the epoch's KEK seals
    bool has_no_server = false;
    std::string out;
    Form form = Form::text;
};

Outcome<hsm::client::Session> connect(const std::string& module, const std::string& psk);

// A module that makes a KEK signs, seals and tests a few keys.
constexpr std::chrono::seconds ceremony_patience{60};

Failure refused(std::string_view what, hsm::Status status);

template <class Request>
Outcome<hsm::client::Reply<hsm::protocol::ResponseOf<Request>>> ask(hsm::client::Session& session,
                                                                    std::string_view what,
                                                                    const Request& request) {
    auto reply = session.call(request, hsm::client::after(ceremony_patience));
    if (!reply) {
        return refused(what, reply.error());
    }
    return *std::move(reply);
}

std::uint64_t host_time_ms();
std::string_view state_name(hsm::protocol::State state);

// Views into `files`, which are read here and have to outlive them.
using CeremonyFiles = std::vector<hsm::custodian::FileFields>;

// Beside each custodian of the group a signature, or nothing.
using CustodianSignatures =
    hsm::protocol::BoundedList<hsm::ByteView, hsm::protocol::custodians_max>;
Outcome<CustodianSignatures> read_signatures(hsm::custodian::FileKind kind,
                                             const std::vector<std::string>& names,
                                             const hsm::protocol::GroupConfiguration& group,
                                             CeremonyFiles& files);
Outcome<hsm::protocol::Assertions> read_approvals(const std::vector<std::string>& names,
                                                  CeremonyFiles& files);

// The group of a file's field: a usage failure when it holds none.
Outcome<hsm::protocol::GroupConfiguration> group_in(const hsm::custodian::FileFields& fields,
                                                    std::string_view field,
                                                    const std::string& file);

// Says that a step is done, as asked for; the exit code.
int done(const CeremonyOptions& options, const boost::json::object& object, std::string_view text);
int written(const CeremonyOptions& options, std::string_view what);

// Members and epochs: PROTOCOL.md.
Outcome<int> take_table(const CeremonyOptions& options);
Outcome<int> prepare_change(const CeremonyOptions& options);
Outcome<int> change(const CeremonyOptions& options);
Outcome<int> prepare_zeroise(const CeremonyOptions& options);
Outcome<int> zeroise(const CeremonyOptions& options);
Outcome<int> close_epoch(const CeremonyOptions& options);

}  // namespace server::cli

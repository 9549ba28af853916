#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hsm::softphone {

// Exit codes.
constexpr int exit_done = 0;
constexpr int exit_failed = 1;  // refused, unreachable, nothing to do, not approved
constexpr int exit_usage = 2;   // the command line, or a file or link that it names

enum class Form { text, json };
enum class Consent { ask, given };

struct CommonOptions {
    std::filesystem::path store;
    Form form = Form::text;
};

struct EnrolOptions {
    std::string link;  // "-": one line of standard input
    std::string name;
    std::string ca_file;
};

// An officer of a group that is yet to be made: no server knows of it.
struct OfficerOptions {
    std::string rp_id;
    std::string origin;   // https, of just that host
    unsigned person = 1;  // of the plan; one person's passkeys have one number
};

struct ConnectOptions {
    std::string link;  // "-": one line of standard input
    std::string ca_file;
};

struct ApproveOptions {
    std::vector<std::string> ids;  // empty: all
    unsigned wait_seconds = 0;
    std::string number;  // as the screen shows it, for what asks to have it typed
    Consent consent = Consent::ask;
};

struct JoinOptions {
    std::string server;  // its approve app's address
    std::string name;
    std::string ca_file;
    unsigned wait_seconds = 0;
    Consent consent = Consent::ask;
};

struct MoveOptions {
    std::string link;  // one of the two
    std::string code;
    Consent consent = Consent::ask;
};

enum class Refusal { reject, not_mine };

// What a phone that nobody holds answers to everything.
enum class Answer { approve, reject, not_mine, none };

// Each prints what it did on standard output, problems on standard error, and answers the
// program's exit code.
int run_enrol(const CommonOptions& common, const EnrolOptions& options);
// On a new phone that is to take an old one's place: announces it, prints what the old phone has to
// see, and, while it waits, checks, asks and approves what the old phone begins.
int run_join(const CommonOptions& common, const JoinOptions& options);
// On the old phone, with what the new one shows.
int run_move(const CommonOptions& common, const MoveOptions& options);
// Prints the officer's lines for the plan of a group (server/cli/ceremony_plan.h).
int run_officer(const CommonOptions& common, const OfficerOptions& options);
// Connects an officer's phone to the server, by the link of `kyso officer add`.
int run_connect(const CommonOptions& common, const ConnectOptions& options);
int run_pending(const CommonOptions& common);
int run_show(const CommonOptions& common, const std::string& id);
int run_approve(const CommonOptions& common, const ApproveOptions& options);
// Answers whatever is pending by the rule, until SIGTERM or SIGINT; a server that is away for a
// while is waited for. For the sandbox.
int run_watch(const CommonOptions& common, Answer rule);
// The link that a screen shows as a QR code.
int run_start(const CommonOptions& common, const std::string& link);
int run_refuse(const CommonOptions& common, const std::string& id, Refusal refusal);

}  // namespace hsm::softphone

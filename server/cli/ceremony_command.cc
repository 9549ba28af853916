#include <iostream>

#include <boost/json.hpp>

#include "cloudsign/hex.h"
#include "hsm/client/session.h"
#include "hsm/openssl/digest.h"
#include "hsm/protocol/activation.h"
#include "hsm/protocol/statement.h"
#include "hsm/softphone/phone_store.h"
#include "server/cli/ceremony_files.h"
#include "server/cli/ceremony_plan.h"
#include "server/cli/commands.h"
#include "server/cli/files.h"

namespace server::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
namespace wire = hsm::protocol;
using hsm::Bytes;
using hsm::ByteView;
using hsm::client::Session;
using hsm::custodian::FileFields;
using hsm::custodian::FileKind;

// A module that makes a KEK signs, seals and tests a few keys.
constexpr std::chrono::seconds patience{60};

struct Options {
    std::string module;
    std::string psk;
    std::string plan;
    std::string configuration;
    std::string certificate;
    std::string provision;
    std::string phone;
    std::vector<std::string> signatures;
    std::vector<std::string> assertions;
    std::string share_set;
    std::vector<std::string> shares;
    std::uint32_t epoch = 1;
    std::string out;
    Form form = Form::text;
};

Failure refused(std::string_view what, hsm::Status status) {
    return {std::string(what) + ": " + std::string(hsm::base::status_name(status))};
}

Bytes copy_of(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

std::uint64_t host_time_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

Outcome<Session> connect(const Options& options) {
    const auto endpoint = hsm::client::parse_endpoint(options.module);
    if (!endpoint) {
        return usage_failure("\"" + options.module + "\" is no address of a module");
    }
    const auto psk = hsm::client::load_psk(options.psk);
    if (!psk) {
        return usage_failure(options.psk + ": is no operator's PSK file");
    }
    auto session = Session::connect(*endpoint, *psk, hsm::client::after(patience));
    if (!session) {
        return refused("the module cannot be reached", session.error());
    }
    return *std::move(session);
}

template <class Request>
Outcome<hsm::client::Reply<wire::ResponseOf<Request>>> ask(Session& session,
                                                           std::string_view what,
                                                           const Request& request) {
    auto reply = session.call(request, hsm::client::after(patience));
    if (!reply) {
        return refused(what, reply.error());
    }
    return *std::move(reply);
}

std::string_view state_name(wire::State state) {
    static constexpr std::string_view names[] = {
        "blank", "provisioned", "locked", "operational", "failed", "tampered"};
    return names[static_cast<std::size_t>(state) - 1];
}

int done(const Options& options, const json::object& object, std::string_view text) {
    std::cout << (options.form == Form::json ? json::serialize(object) : std::string(text)) << "\n";
    return exit_done;
}

int written(const Options& options, std::string_view what) {
    return done(options, {{"out", options.out}}, std::string(what) + " in " + options.out);
}

Outcome<int> identity(const Options& options) {
    TRY_ASSIGN(auto session, connect(options));
    TRY_ASSIGN(const auto info, ask(session, "get_info", wire::GetInfoRequest{}));
    if (info->identity_spki.empty()) {
        return Failure{"the module is locked: its identity is not known yet"};
    }
    TRY(write_fields(
        FileKind::identity, options.out, {{"identity_spki", copy_of(info->identity_spki)}}));
    const auto id = cloudsign::hex(info->module_id);
    const auto firmware = cloudsign::hex(info->firmware_hash);
    const std::string class_name(hsm::openssl::class_name(info->assurance_class));
    return done(options,
                {{"module", id},
                 {"state", state_name(info->state)},
                 {"class", class_name},
                 {"firmware", firmware},
                 {"out", options.out}},
                "module    " + id + "\nstate     " + std::string(state_name(info->state)) +
                    "\nclass     " + class_name + "\nfirmware  " + firmware);
}

Outcome<int> configure(const Options& options) {
    TRY_ASSIGN(const auto configuration, configuration_of_plan(options.plan));
    TRY(write_fields(FileKind::configuration, options.out, {{"configuration", configuration}}));
    return written(options, "group configuration");
}

Outcome<int> prepare(const Options& options) {
    TRY_ASSIGN(const auto group, read_fields(FileKind::configuration, options.configuration));
    TRY_ASSIGN(const auto certificate, read_certificate(options.certificate));
    TRY_ASSIGN(auto session, connect(options));
    TRY_ASSIGN(const auto info, ask(session, "get_info", wire::GetInfoRequest{}));
    const auto& configuration = group.at("configuration");
    const wire::ProvisionStatement statement{
        info->module_id, info->provisioning_nonce, hsm::sha256(configuration)};
    Bytes buffer(wire::tagged_size_max<wire::ProvisionStatement>());
    const auto encoded = wire::encode_tagged(statement, buffer);
    CHECK(encoded.has_value());
    TRY(write_fields(FileKind::provision,
                     options.out,
                     {{"device_certificate", certificate},
                      {"configuration", configuration},
                      {"statement", copy_of(*encoded)}}));
    return written(options, "what custodians and officers approve");
}

// An officer whose passkey is a phone in software; others sign SHA-256(statement) with theirs.
Outcome<int> approve(const Options& options) {
    TRY_ASSIGN(const auto papers, read_fields(FileKind::provision, options.provision));
    const auto group = wire::decode_tagged<wire::GroupConfiguration>(papers.at("configuration"));
    if (!group) {
        return usage_failure(options.provision + ": holds no group configuration");
    }
    if (group->assurance_class == wire::AssuranceClass::hardware) {
        return Failure{"a phone in software is no officer of a group of class hardware"};
    }
    TRY(check_absent(options.out));
    TRY_ASSIGN(auto phone, outcome_of(hsm::softphone::PhoneStore::open(options.phone)));
    TRY_ASSIGN(const auto assertion,
               outcome_of(phone.assert_challenge(hsm::sha256(papers.at("statement")))));
    Bytes buffer(wire::assertion_size_max);
    const auto encoded = wire::encode_assertion(assertion.view(), buffer);
    CHECK(encoded.has_value());
    TRY(write_fields(FileKind::assertion, options.out, {{"assertion", copy_of(*encoded)}}));
    return written(options, "the officer's approval");
}

Outcome<int> provision(const Options& options) {
    TRY_ASSIGN(const auto papers, read_fields(FileKind::provision, options.provision));
    const auto group = wire::decode_tagged<wire::GroupConfiguration>(papers.at("configuration"));
    if (!group) {
        return usage_failure(options.provision + ": holds no group configuration");
    }
    std::vector<FileFields> files;
    std::vector<ByteView> signatures(group->custodians.size());
    files.reserve(options.signatures.size() + options.assertions.size());
    for (const auto& file : options.signatures) {
        TRY_ASSIGN(auto fields, read_fields(FileKind::provision_signature, file));
        files.push_back(std::move(fields));
        const auto found = std::ranges::find_if(group->custodians, [&](const wire::Point& point) {
            return hsm::equal(point, files.back().at("custodian"));
        });
        if (found == group->custodians.end()) {
            return usage_failure(file + ": is by none of the group's custodians");
        }
        signatures[static_cast<std::size_t>(found - group->custodians.begin())] =
            files.back().at("signature");
    }
    wire::ProvisionRequest request;
    for (const auto signature : signatures) {
        CHECK(request.custodian_signatures.push_back(signature));
    }
    for (const auto& file : options.assertions) {
        TRY_ASSIGN(auto fields, read_fields(FileKind::assertion, file));
        files.push_back(std::move(fields));
        if (!request.assertions.push_back(files.back().at("assertion"))) {
            return usage_failure("more approvals than officers");
        }
    }
    request.configuration = papers.at("configuration");
    request.device_certificate = papers.at("device_certificate");
    request.mode = wire::EpochMode::ceremony;
    request.host_time = host_time_ms();
    TRY_ASSIGN(auto session, connect(options));
    TRY(ask(session, "the module does not become a member", request));
    return done(options, {{"state", "provisioned"}}, "provisioned: the KEK comes next");
}

Outcome<Bytes> device_certificate(Session& session) {
    TRY_ASSIGN(const auto info, ask(session, "get_info", wire::GetInfoRequest{}));
    return copy_of(info->device_certificate);
}

// The papers that custodians check, and, of the making, each one's share.
Outcome<int> make(const Options& options) {
    TRY(make_folder(options.out));
    TRY_ASSIGN(auto session, connect(options));
    TRY_ASSIGN(const auto certificate, device_certificate(session));
    TRY_ASSIGN(const auto made,
               ask(session, "no KEK is made", wire::CeremonyMakeRequest{options.epoch}));
    FileFields papers = {{"device_certificate", certificate},
                         {"ceremony", copy_of(made->ceremony)},
                         {"share_set", copy_of(made->share_set)}};
    const fs::path folder = options.out;
    TRY(write_fields(FileKind::ceremony, folder / "ceremony.json", papers));
    for (std::size_t i = 0; i < made->shares.size(); ++i) {
        papers["share"] = copy_of(made->shares[i]);
        TRY(write_fields(FileKind::outward_share,
                         folder / ("share-" + std::to_string(i + 1) + ".json"),
                         papers));
    }
    return written(options, "shares for custodians, and the ceremony to bring them back to,");
}

Outcome<int> restore(const Options& options) {
    TRY(check_absent(options.out));
    TRY_ASSIGN(const auto of, read_fields(FileKind::ceremony, options.share_set));
    TRY_ASSIGN(auto session, connect(options));
    TRY_ASSIGN(const auto certificate, device_certificate(session));
    TRY_ASSIGN(
        const auto opened,
        ask(session, "no ceremony is opened", wire::CeremonyRestoreRequest{of.at("share_set")}));
    TRY(write_fields(FileKind::ceremony,
                     options.out,
                     {{"device_certificate", certificate},
                      {"ceremony", copy_of(opened->signed_statement)},
                      {"share_set", of.at("share_set")}}));
    return written(options, "the ceremony to bring shares to,");
}

Outcome<int> give(const Options& options) {
    TRY_ASSIGN(auto session, connect(options));
    wire::CeremonyShareResponse last;
    for (const auto& file : options.shares) {
        TRY_ASSIGN(const auto fields, read_fields(FileKind::inward_share, file));
        TRY_ASSIGN(const auto taken,
                   ask(session, file, wire::CeremonyShareRequest{fields.at("share")}));
        last = *taken;
    }
    return done(options,
                {{"taken", last.taken}, {"needed", last.needed}},
                std::to_string(last.taken) + " of " + std::to_string(last.needed) + " shares");
}

Outcome<int> finish(const Options& options) {
    TRY_ASSIGN(auto session, connect(options));
    TRY_ASSIGN(const auto finished,
               ask(session, "no KEK is kept", wire::CeremonyFinishRequest{host_time_ms()}));
    const std::string state(state_name(finished->state));
    return done(options, {{"state", state}}, state);
}

CLI::Option* add_file(CLI::App* command, const char* name, std::string& file, const char* what) {
    return command->add_option(name, file, what)->type_name("FILE")->required();
}

using Step = Outcome<int> (*)(const Options&);

}  // namespace

void add_ceremony(CLI::App& app, Action& chosen) {
    auto* ceremony = app.add_subcommand(
        "ceremony", "Make a module a member of a group, and bring it the group's KEK in shares");
    ceremony->require_subcommand(1);
    const auto options = std::make_shared<Options>();
    const auto add = [&](const char* name, const char* what, Step step) {
        auto* command = ceremony->add_subcommand(name, what);
        add_json_option(*command, options->form);
        command->callback(
            [options, step, &chosen] { chosen = [options, step] { return step(*options); }; });
        return command;
    };
    const auto add_on_module = [&](const char* name, const char* what, Step step) {
        auto* command = add(name, what, step);
        command->add_option("--module", options->module, "Socket, or HOST:PORT")
            ->type_name("ADDRESS")
            ->required();
        add_file(command, "--psk", options->psk, "The operator's PSK file");
        return command;
    };

    auto* command = add_on_module("identity", "Read a module's identity key", identity);
    add_file(command, "--out", options->out, "For the root, and for the plan of the group");

    command = add("configure", "Describe a group", configure);
    add_file(command, "--plan", options->plan, "TOML: see server/cli/ceremony_plan.h");
    add_file(command, "--out", options->out, "The group configuration");

    command = add_on_module("prepare", "Write down what custodians and officers approve", prepare);
    add_file(command, "--configuration", options->configuration, "The group configuration");
    add_file(command, "--certificate", options->certificate, "The device certificate (PEM)");
    add_file(command, "--out", options->out, "For kyso-custodian sign-provision, and officers");

    command = add("approve", "Approve as an officer whose phone is a file", approve);
    add_file(command, "--in", options->provision, "What `prepare` wrote");
    add_file(command, "--phone", options->phone, "The officer's kyso-phone store");
    add_file(command, "--out", options->out, "The approval");

    command = add_on_module("provision", "Make the module a member", provision);
    add_file(command, "--in", options->provision, "What `prepare` wrote");
    command->add_option("--signature", options->signatures, "A custodian's; repeated")
        ->type_name("FILE")
        ->allow_extra_args(false)
        ->required();
    command->add_option("--approval", options->assertions, "An officer's; repeated")
        ->type_name("FILE")
        ->allow_extra_args(false)
        ->required();

    command = add_on_module("make", "Make the KEK and its shares", make);
    command->add_option("--epoch", options->epoch, "Its number")->check(CLI::PositiveNumber);
    command->add_option("--out", options->out, "A folder for the shares")
        ->type_name("DIR")
        ->required();

    command = add_on_module("restore", "Ask for the KEK of a share set", restore);
    add_file(command, "--of", options->share_set, "The ceremony that made it (ceremony.json)");
    add_file(command, "--out", options->out, "For kyso-custodian reseal");

    command =
        add_on_module("give", "Give the module shares that custodians have sealed to it", give);
    command->add_option("SHARE", options->shares, "From kyso-custodian reseal")
        ->type_name("FILE")
        ->required();

    add_on_module("finish", "Prove the KEK and keep it", finish);
}

}  // namespace server::cli

#include <boost/json.hpp>

#include "cloudsign/hex.h"
#include "hsm/openssl/digest.h"
#include "hsm/protocol/activation.h"
#include "hsm/softphone/phone_store.h"
#include "server/cli/ceremony_module.h"
#include "server/cli/ceremony_plan.h"
#include "server/cli/files.h"

namespace server::cli {
namespace {

namespace fs = std::filesystem;
namespace wire = hsm::protocol;
using hsm::Bytes;
using hsm::ByteView;
using hsm::client::Session;
using hsm::custodian::FileFields;
using hsm::custodian::FileKind;

using Options = CeremonyOptions;

Bytes copy_of(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

Outcome<Session> connect(const Options& options) {
    return server::cli::connect(options.module, options.psk);
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
    std::optional<wire::GroupConfiguration> before;
    FileFields fields;
    if (!options.configuration.empty()) {
        TRY_ASSIGN(fields, read_fields(FileKind::configuration, options.configuration));
        TRY_ASSIGN(before, group_in(fields, "configuration", options.configuration));
    }
    TRY_ASSIGN(const auto configuration, configuration_of_plan(options.plan, before));
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

// What officers approve: they sign SHA-256(statement).
Outcome<FileFields> read_papers(const std::string& file) {
    for (const auto kind : {FileKind::change, FileKind::zeroise, FileKind::update}) {
        auto fields = read_fields(kind, file);
        if (fields) {
            return fields;
        }
    }
    return read_fields(FileKind::provision, file);
}

// An officer whose passkey is a phone in software; others open the paper on their phones.
Outcome<int> approve(const Options& options) {
    TRY_ASSIGN(const auto papers, read_papers(options.papers));
    TRY_ASSIGN(const auto group, group_in(papers, "configuration", options.papers));
    if (group.assurance_class == wire::AssuranceClass::hardware) {
        return Failure{
            "a phone in software is no officer of a group of class hardware: its officers "
            "open this paper on their phones, at " +
            std::string(group.origin) + "/ceremony"};
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
    TRY_ASSIGN(const auto papers, read_fields(FileKind::provision, options.papers));
    TRY_ASSIGN(const auto group, group_in(papers, "configuration", options.papers));
    CeremonyFiles files;
    files.reserve(options.signatures.size() + options.assertions.size());
    wire::ProvisionRequest request;
    TRY_ASSIGN(request.custodian_signatures,
               read_signatures(FileKind::provision_signature, options.signatures, group, files));
    TRY_ASSIGN(request.assertions, read_approvals(options.assertions, files));
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

// The steps of `kyso ceremony`, each a command.
class Steps {
public:
    Steps(CLI::App& ceremony, Action& chosen) : ceremony_(ceremony), chosen_(chosen) {}

    void add_first_start() {
        auto* command = add_on_module("identity", "Read a module's identity key", identity);
        add_file(command, "--out", options_->out, "For the root, and for the plan of the group");

        command = add("configure", "Describe a group", configure);
        add_file(command, "--plan", options_->plan, "TOML: see server/cli/ceremony_plan.h");
        command->add_option("--after", options_->configuration, "The configuration that it follows")
            ->type_name("FILE");
        add_file(command, "--out", options_->out, "The group configuration");

        command =
            add_on_module("prepare", "Write down what custodians and officers approve", prepare);
        add_file(command, "--configuration", options_->configuration, "The group configuration");
        add_file(command, "--certificate", options_->certificate, "The device certificate (PEM)");
        add_file(
            command, "--out", options_->out, "For kyso-custodian sign-provision, and officers");

        command = add("approve", "Approve as an officer whose phone is a file", approve);
        add_papers(command);
        add_file(command, "--phone", options_->phone, "The officer's kyso-phone store");
        add_file(command, "--out", options_->out, "The approval");

        command = add_on_module("provision", "Make the module a member", provision);
        add_papers(command);
        add_files(command, "--signature", options_->signatures, "A custodian's")->required();
        add_approvals(command);
    }

    void add_kek() {
        auto* command = add_on_module("make", "Make the KEK and its shares", make);
        command->add_option("--epoch", options_->epoch, "Its number")->check(CLI::PositiveNumber);
        command->add_option("--out", options_->out, "A folder for the shares")
            ->type_name("DIR")
            ->required();

        command = add_on_module("restore", "Ask for the KEK of a share set", restore);
        add_file(command, "--of", options_->share_set, "The ceremony that made it (ceremony.json)");
        add_file(command, "--out", options_->out, "For kyso-custodian reseal");

        command =
            add_on_module("give", "Give the module shares that custodians have sealed to it", give);
        command->add_option("SHARE", options_->shares, "From kyso-custodian reseal")
            ->type_name("FILE")
            ->required();

        add_on_module("finish", "Prove the KEK and keep it", finish);
        command = add_on_module(
            "close-epoch",
            "Destroy the KEK of the epoch before, once the server has sealed every key anew",
            close_epoch);
        auto* data = command->add_option(
            "--data", options_->data, "The server's folder: it is asked whether every key is");
        data->type_name("DIR");
        command
            ->add_flag("--no-server",
                       options_->has_no_server,
                       "Nobody is asked: what is not sealed anew is lost for good")
            ->excludes(data);
    }

    void add_members() {
        auto* command =
            add_on_module("table", "Bring a restored member what was revoked", take_table);
        add_file(command, "--from", options_->from, "A live member: socket, or HOST:PORT");
        add_file(command, "--from-psk", options_->from_psk, "Its operator's PSK file");

        command = add_on_module(
            "prepare-change", "Write down another configuration for approval", prepare_change);
        add_file(command, "--configuration", options_->configuration, "From configure --after");
        add_file(command, "--out", options_->out, "For officers, and kyso-custodian sign-change");

        command = add_on_module("change", "Give a member another configuration", change);
        add_papers(command);
        add_files(command, "--signature", options_->signatures, "A custodian's");
        add_files(command, "--receipt", options_->receipts, "A departed member's");
        add_approvals(command);

        command = add_on_module(
            "prepare-zeroise", "Write down that a member is to destroy its keys", prepare_zeroise);
        add_file(command, "--out", options_->out, "For officers");

        command = add_on_module("zeroise", "Destroy a member's keys, for good", zeroise);
        add_approvals(command);
        add_file(command, "--out", options_->out, "Its receipt, for the other members");
    }

private:
    using Step = Outcome<int> (*)(const Options&);

    CLI::App* add(const char* name, const char* what, Step step) {
        auto* command = ceremony_.add_subcommand(name, what);
        add_json_option(*command, options_->form);
        command->callback([options = options_, step, &chosen = chosen_] {
            chosen = [options, step] { return step(*options); };
        });
        return command;
    }
    CLI::App* add_on_module(const char* name, const char* what, Step step) {
        auto* command = add(name, what, step);
        command->add_option("--module", options_->module, "Socket, or HOST:PORT")
            ->type_name("ADDRESS")
            ->required();
        add_file(command, "--psk", options_->psk, "The operator's PSK file");
        return command;
    }
    static CLI::Option* add_file(CLI::App* command,
                                 const char* name,
                                 std::string& file,
                                 const char* what) {
        return command->add_option(name, file, what)->type_name("FILE")->required();
    }
    static CLI::Option* add_files(CLI::App* command,
                                  const char* name,
                                  std::vector<std::string>& files,
                                  const char* whose) {
        return command->add_option(name, files, std::string(whose) + "; repeated")
            ->type_name("FILE")
            ->allow_extra_args(false);
    }
    void add_papers(CLI::App* command) {
        add_file(command, "--in", options_->papers, "What `prepare` or `prepare-…` wrote");
    }
    void add_approvals(CLI::App* command) {
        add_files(command, "--approval", options_->assertions, "An officer's")->required();
    }

    CLI::App& ceremony_;
    Action& chosen_;
    std::shared_ptr<Options> options_ = std::make_shared<Options>();
};

}  // namespace

void add_ceremony(CLI::App& app, Action& chosen) {
    auto* ceremony = app.add_subcommand(
        "ceremony", "A module's group: its members, and the KEK that it has in shares");
    ceremony->require_subcommand(1);
    Steps steps(*ceremony, chosen);
    steps.add_first_start();
    steps.add_kek();
    steps.add_members();
}

}  // namespace server::cli

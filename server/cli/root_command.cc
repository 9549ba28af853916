#include <iostream>

#include <boost/json.hpp>

#include "cloudsign/hex.h"
#include "hsm/cli/device_certificate.h"
#include "hsm/custodian/ceremony_file.h"
#include "hsm/openssl/der.h"
#include "hsm/openssl/digest.h"
#include "server/cli/ceremony_files.h"
#include "server/cli/commands.h"
#include "server/cli/files.h"
#include "server/cli/output_place.h"

namespace server::cli {
namespace {

namespace json = boost::json;
using hsm::custodian::FileKind;
using hsm::openssl::P256Key;

struct Options {
    std::string key;
    std::string identity;
    std::string assurance_class;
    std::string out;
    Form form = Form::text;
};

int print_certificate(const Options& options, hsm::ByteView der, std::string_view what) {
    const auto fingerprint = cloudsign::hex(hsm::sha256(der));
    if (options.form == Form::json) {
        std::cout << json::serialize(
                         json::object{{"certificate", options.out}, {"sha256", fingerprint}})
                  << "\n";
    } else {
        std::cout << what << " in " << options.out << "\nSHA-256 " << fingerprint << "\n";
    }
    return exit_done;
}

Outcome<int> create(const Options& options) {
    TRY(check_absent(options.out));
    const auto key = P256Key::make(options.key);
    if (!key) {
        return usage_failure(options.key + (key.error() == hsm::Status::wrong_state
                                                ? ": is there already"
                                                : ": cannot be written"));
    }
    const auto der = hsm::cli::make_test_root_certificate(*key);
    TRY(write_result(options.out, certificate_pem(der)));
    return print_certificate(
        options, der, "certificate of \"" + std::string(hsm::cli::test_root_name) + "\"");
}

Outcome<int> certify(const Options& options) {
    TRY(check_absent(options.out));
    const auto assurance_class = hsm::openssl::class_named(options.assurance_class);
    if (!assurance_class) {
        return usage_failure("the class is software, emulated or hardware");
    }
    const auto key = P256Key::load(options.key);
    if (!key) {
        return usage_failure(options.key + ": holds no P-256 key, or others may read it");
    }
    TRY_ASSIGN(const auto identity, read_fields(FileKind::identity, options.identity));
    const auto certificate =
        hsm::cli::issue_device_certificate(*key, identity.at("identity_spki"), *assurance_class);
    if (!certificate) {
        return usage_failure(options.identity + ": holds no P-256 identity key");
    }
    TRY(write_result(options.out, certificate_pem(*certificate)));
    return print_certificate(
        options,
        *certificate,
        "device certificate, class " + std::string(hsm::openssl::class_name(*assurance_class)));
}

}  // namespace

void add_root(CLI::App& app, Action& chosen) {
    auto* root = app.add_subcommand(
        "root", "The offline root that certifies modules: here only one named TEST");
    root->require_subcommand(1);
    const auto options = std::make_shared<Options>();

    auto* make = root->add_subcommand("create", "Make a TEST root");
    make->add_option("--key", options->key, "Its private key, a new file")
        ->type_name("FILE")
        ->required();
    make->add_option("--out", options->out, "Its certificate (PEM), a new file")
        ->type_name("FILE")
        ->required();
    add_json_option(*make, options->form);
    make->callback([options, &chosen] { chosen = [options] { return create(*options); }; });

    auto* issue = root->add_subcommand("certify", "Issue a module's device certificate");
    issue->add_option("--key", options->key, "The root's private key")
        ->type_name("FILE")
        ->required();
    issue
        ->add_option("--identity",
                     options->identity,
                     "The module's identity key, as `kyso ceremony identity` wrote it")
        ->type_name("FILE")
        ->required();
    issue
        ->add_option("--class",
                     options->assurance_class,
                     "What you have seen it to be; the certificate says so to everybody")
        ->type_name("software|emulated|hardware")
        ->required();
    issue->add_option("--out", options->out, "The certificate (PEM), a new file")
        ->type_name("FILE")
        ->required();
    add_json_option(*issue, options->form);
    issue->callback([options, &chosen] { chosen = [options] { return certify(*options); }; });
}

}  // namespace server::cli

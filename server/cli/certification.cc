#include "server/cli/certification.h"

#include <algorithm>
#include <iostream>

#include <boost/json.hpp>

#include "cloudsign/pki/certificate.h"
#include "cloudsign/pki/certificate_bundle.h"
#include "hsm/softphone/link.h"
#include "hsm/softphone/printable.h"
#include "server/cli/admin_client.h"
#include "server/cli/credential_life.h"
#include "server/cli/files.h"
#include "server/cli/output_place.h"

namespace server::cli {
namespace {

namespace json = boost::json;
using hsm::softphone::printable;

constexpr std::size_t together_max = 768 * 1024;  // what the server takes, in PEM

struct Options {
    std::string data;
    std::vector<std::string> ids;
    std::vector<std::string> files;
    std::string out;
    std::string told;  // a serial number
    bool any_subject = false;
    Form form = Form::text;
};

Outcome<void> check_ids(const std::vector<std::string>& ids) {
    for (const auto& id : ids) {
        if (!hsm::softphone::is_id(id)) {
            return usage_failure("\"" + id + "\" is no id of a credential");
        }
    }
    return {};
}

// The objects of the list `name`.
Outcome<std::vector<json::object>> list_in(const json::object& answer, std::string_view name) {
    const auto* list = answer.if_contains(name);
    if (list == nullptr || !list->is_array()) {
        return Failure{"the server's answer has no " + std::string(name)};
    }
    std::vector<json::object> objects;
    for (const auto& one : list->get_array()) {
        if (one.is_object()) {
            objects.push_back(one.get_object());
        }
    }
    return objects;
}

// One after the other, so that each is told by itself what came of it.
Outcome<int> request(const Options& options) {
    TRY(check_ids(options.ids));
    AdminClient admin{DataFolder(options.data)};
    json::array all;
    int code = exit_done;
    for (const auto& id : options.ids) {
        const json::object body{{"credential_ids", json::array{json::string(id)}}};
        const auto answer = admin.post(
            "/admin/v1/certification-requests", body, "ask for the certification request");
        if (!answer) {
            std::cerr << id << "  not asked: " << printable(answer.error().text) << "\n";
            code = answer.error().code;
            continue;
        }
        TRY_ASSIGN(const auto asked, list_in(*answer, "requests"));
        for (const auto& one : asked) {
            TRY_ASSIGN(const auto transaction, text_of(one, "transaction_id"));
            TRY_ASSIGN(const auto signer, text_of(one, "signer_id"));
            if (options.form == Form::text) {
                std::cout << id << "  " << transaction << "  waits for " << printable(signer)
                          << ", who approves it on the phone\n";
            }
            all.push_back(one);
        }
    }
    if (options.form == Form::json) {
        std::cout << json::serialize(json::object{{"requests", std::move(all)}}) << "\n";
    }
    return code;
}

// What there is of it, and what to do about what there is not.
std::string why_unsigned(const json::object& shown, const std::string& id) {
    const auto text = [&](std::string_view name) {
        const auto found = text_of(shown, name);
        return found ? *found : std::string();
    };
    const auto approval = text("approval");
    if (approval == "rejected" || approval == "not_mine" || approval == "expired") {
        return "it was not approved (" + approval + "): ask anew with kyso credential request " +
               id;
    }
    return "it waits for its signer (" + approval + "): transaction " + text("transaction_id");
}

// Those that are there, whatever is missing.
Outcome<int> show_request(const Options& options) {
    TRY(check_ids(options.ids));
    AdminClient admin{DataFolder(options.data)};
    json::array all;
    std::string pem;
    int code = exit_done;
    std::size_t count = 0;
    for (const auto& id : options.ids) {
        auto shown = admin.get("/admin/v1/certification-requests/" + id, "show the request");
        const bool is_signed = shown && shown->contains("request");
        if (!shown || (!is_signed && options.form == Form::text)) {
            std::cerr << id << "  no request: "
                      << printable(shown ? why_unsigned(*shown, id) : shown.error().text) << "\n";
            code = exit_failed;
            continue;
        }
        if (is_signed) {
            TRY_ASSIGN(const auto one, text_of(*shown, "request"));
            pem += one;
            ++count;
        }
        all.push_back(*std::move(shown));
    }
    if (options.form == Form::json) {
        std::cout << json::serialize(json::object{{"requests", std::move(all)}}) << "\n";
        return code;
    }
    if (options.out.empty()) {
        std::cout << pem;
        return code;
    }
    if (count > 0) {
        TRY(write_result(options.out, pem));
        std::cout << printable(options.out) << ": " << count
                  << (count == 1 ? " request" : " requests") << "\n";
    }
    return code;
}

Outcome<int> print_imported(const json::object& answer) {
    TRY_ASSIGN(const auto imported, list_in(answer, "certificates"));
    int code = exit_done;
    for (const auto& one : imported) {
        TRY_ASSIGN(const auto credential, text_of(one, "credential_id"));
        TRY_ASSIGN(const auto serial, text_of(one, "serial_number"));
        TRY_ASSIGN(const auto subject, text_of(one, "subject"));
        if (one.contains("error")) {
            TRY_ASSIGN(const auto error, text_of(one, "error"));
            const bool is_about_name = error.find("its subject was to have") != error.npos;
            std::cerr << credential << "  " << serial << "  not used: " << printable(error)
                      << (is_about_name ? " (--any-subject, once somebody has looked)" : "")
                      << "\n";
            code = exit_failed;
        } else {
            std::cout << credential << "  " << serial << "  in use: " << printable(subject) << "\n";
        }
    }
    return code;
}

Outcome<int> import(const Options& options) {
    std::string pem;
    for (const auto& file : options.files) {
        TRY_ASSIGN(const auto content, read_regular_file(file, together_max));
        const auto certificates = cloudsign::pki::read_bundle(hsm::view_of(content));
        if (!certificates) {
            return usage_failure(printable(file) + ": " + certificates.error().detail);
        }
        for (const auto& certificate : *certificates) {
            pem += cloudsign::pki::to_pem(certificate);
        }
    }
    if (pem.size() > together_max) {
        return usage_failure(
            "these are more certificates than fit into one import (768 KiB of "
            "PEM): bring some of the files at a time");
    }
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(const auto answer,
               admin.post("/admin/v1/external-certificates",
                          json::object{{"certificates", pem}, {"any_subject", options.any_subject}},
                          "import the certificates"));
    if (options.form == Form::text) {
        return print_imported(answer);
    }
    std::cout << json::serialize(answer) << "\n";
    TRY_ASSIGN(const auto imported, list_in(answer, "certificates"));
    const bool any_refused = std::ranges::any_of(
        imported, [](const json::object& one) { return one.contains("error"); });
    return any_refused ? exit_failed : exit_done;
}

// As we write it, whatever the authority's tools print: "6b:db:8f", "6BDB8F".
std::string plain_serial(std::string text) {
    std::erase(text, ':');
    std::ranges::transform(text, text.begin(), [](char digit) {
        return digit >= 'a' && digit <= 'f' ? static_cast<char>(digit - 'a' + 'A') : digit;
    });
    return text;
}

Outcome<int> note_told(const Options& options) {
    const auto serial = plain_serial(options.told);
    if (!hsm::softphone::is_id(serial)) {
        return usage_failure("\"" + options.told + "\" is no serial number");
    }
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(const auto answer,
               admin.post("/admin/v1/external-revocations/" + serial,
                          json::object{{"state", "told"}},
                          "note the revocation"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
    } else {
        std::cout << serial << "  the authority knows\n";
    }
    return exit_done;
}

Outcome<int> revocations(const Options& options) {
    if (!options.told.empty()) {
        return note_told(options);
    }
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(const auto answer,
               admin.get("/admin/v1/external-revocations", "list the revocations"));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto untold, list_in(answer, "revocations"));
    for (const auto& one : untold) {
        TRY_ASSIGN(const auto serial, text_of(one, "serial_number"));
        TRY_ASSIGN(const auto reason, text_of(one, "reason"));
        TRY_ASSIGN(const auto issuer, text_of(one, "issuer"));
        TRY_ASSIGN(const auto subject, text_of(one, "subject"));
        std::cout << serial << "  " << reason << "  since " << time_in(one, "revoked_at")
                  << "\n  of     " << printable(issuer) << "\n  for    " << printable(subject)
                  << "\n";
        if (one.contains("detail")) {
            TRY_ASSIGN(const auto detail, text_of(one, "detail"));
            std::cout << "  asked  " << printable(detail) << "\n";
        }
    }
    return exit_done;
}

}  // namespace

void add_certification(CLI::App& credential, Action& chosen) {
    const auto options = std::make_shared<Options>();
    auto* ask = credential.add_subcommand(
        "request",
        "Asks signers to approve, on their phones, a request (PKCS #10) for a certificate of an "
        "authority outside");
    add_data_option(*ask, options->data);
    ask->add_option("ID", options->ids, "Of the credentials")->required();
    add_json_option(*ask, options->form);
    ask->callback([options, &chosen] { chosen = [options] { return request(*options); }; });

    auto* csr = credential.add_subcommand(
        "csr", "Prints the newest request of each, in PEM, once its signer has approved it");
    add_data_option(*csr, options->data);
    csr->add_option("ID", options->ids, "Of the credentials")->required();
    csr->add_option("--out", options->out, "Write them there")
        ->type_name("FILE")
        ->check(output_name());
    add_json_option(*csr, options->form);
    csr->callback([options, &chosen] { chosen = [options] { return show_request(*options); }; });

    auto* bring = credential.add_subcommand(
        "import",
        "Uses the certificates that the authority has issued, each for the credential whose key "
        "it is of");
    add_data_option(*bring, options->data);
    bring
        ->add_option("FILE",
                     options->files,
                     "PEM, DER or PKCS #7; the authority's own intermediate certificates among "
                     "them, where they do not stand in external_ca.authorities")
        ->required();
    bring->add_flag("--any-subject",
                    options->any_subject,
                    "Somebody has looked: the certificate may name its holder otherwise than the "
                    "request");
    add_json_option(*bring, options->form);
    bring->callback([options, &chosen] { chosen = [options] { return import(*options); }; });

    auto* untold = credential.add_subcommand(
        "revocations",
        "Lists the certificates of the authority outside that are revoked here and that it has not "
        "been told of");
    add_data_option(*untold, options->data);
    untold->add_option("--told", options->told, "You have told it of this one; it is off the list")
        ->type_name("SERIAL");
    add_json_option(*untold, options->form);
    untold->callback([options, &chosen] { chosen = [options] { return revocations(*options); }; });
}

}  // namespace server::cli

#include "server/cli/credential_life.h"

#include <algorithm>
#include <iostream>

#include <boost/json.hpp>

#include "hsm/softphone/link.h"
#include "server/cli/admin_client.h"
#include "server/cli/utc_text.h"

namespace server::cli {
namespace {

namespace json = boost::json;

struct Options {
    std::string data;
    std::vector<std::string> ids;
    bool supersedes = false;
    Form form = Form::text;
};

Outcome<json::array> ids_of(const Options& options) {
    json::array ids;
    for (const auto& id : options.ids) {
        if (!hsm::softphone::is_id(id)) {
            return usage_failure("\"" + id + "\" is no id of a credential");
        }
        ids.push_back(json::string(id));
    }
    return ids;
}

Outcome<int> print_asked(const Options& options, const json::object& answer) {
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto asked, text_of(answer, "transaction_id"));
    std::cout << asked << "  waits for the officers, who issue "
              << (options.ids.size() == 1 ? "the certificate"
                                          : std::to_string(options.ids.size()) + " certificates")
              << " on their phones\n";
    return exit_done;
}

Outcome<int> renew(const Options& options) {
    TRY_ASSIGN(auto ids, ids_of(options));
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(const auto answer,
               admin.post("/admin/v1/renewals",
                          json::object{{"credential_ids", std::move(ids)},
                                       {"supersede", options.supersedes}},
                          "renew"));
    return print_asked(options, answer);
}

Outcome<int> issue(const Options& options) {
    TRY_ASSIGN(auto ids, ids_of(options));
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(const auto answer,
               admin.post("/admin/v1/certificates",
                          json::object{{"credential_ids", std::move(ids)}},
                          "ask for the certificates"));
    return print_asked(options, answer);
}

// "revoked (superseded)".
Outcome<std::string> with_reason(const json::object& object, std::string_view member) {
    TRY_ASSIGN(auto text, text_of(object, member));
    if (object.contains("reason")) {
        TRY_ASSIGN(const auto reason, text_of(object, "reason"));
        text += " (" + reason + ")";
    }
    return text;
}

bool is_true(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

Outcome<void> print_certificate(const json::object& certificate) {
    TRY_ASSIGN(const auto serial, text_of(certificate, "serial_number"));
    TRY_ASSIGN(const auto subject, text_of(certificate, "subject"));
    TRY_ASSIGN(const auto state, with_reason(certificate, "state"));
    std::cout << "\n"
              << serial << "  " << state << (is_true(certificate, "in_use") ? ", in use" : "")
              << "\n  " << subject << "\n  from " << time_in(certificate, "valid_from") << " until "
              << time_in(certificate, "valid_to") << "\n";
    const auto* events = certificate.if_contains("events");
    if (events == nullptr || !events->is_array()) {
        return {};
    }
    for (const auto& event : events->get_array()) {
        if (event.is_object()) {
            TRY_ASSIGN(const auto what, with_reason(event.get_object(), "event"));
            std::cout << "  " << time_in(event.get_object(), "at") << "  " << what << "\n";
        }
    }
    return {};
}

}  // namespace

std::string time_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_int64() ? utc_text(value->get_int64() / 1000) : "";
}

Outcome<void> print_life(const json::object& credential) {
    const auto* life = credential.if_contains("life");
    if (life == nullptr || !life->is_array()) {
        return {};
    }
    for (const auto& certificate : life->get_array()) {
        if (certificate.is_object()) {
            TRY(print_certificate(certificate.get_object()));
        }
    }
    return {};
}

void add_renew(CLI::App& credential, Action& chosen) {
    auto* command =
        credential.add_subcommand("renew",
                                  "Asks the officers for a new certificate of the same key and "
                                  "subject, of all that are named "
                                  "in one approval; the one before stays valid until its end");
    const auto options = std::make_shared<Options>();
    add_data_option(*command, options->data);
    command->add_option("ID", options->ids, "Of the credentials")->required();
    command->add_flag("--supersede",
                      options->supersedes,
                      "Revoke those before (reason superseded) when the new one is issued");
    add_json_option(*command, options->form);
    command->callback([options, &chosen] { chosen = [options] { return renew(*options); }; });
}

void add_issue(CLI::App& credential, Action& chosen) {
    auto* command =
        credential.add_subcommand("issue",
                                  "Asks the officers once more for the first certificate of a "
                                  "confirmed key, where they rejected it or the time was over");
    const auto options = std::make_shared<Options>();
    add_data_option(*command, options->data);
    command->add_option("ID", options->ids, "Of the credentials")->required();
    add_json_option(*command, options->form);
    command->callback([options, &chosen] { chosen = [options] { return issue(*options); }; });
}

}  // namespace server::cli

#include <iostream>

#include <boost/json.hpp>

#include "cloudsign/audit/verifier.h"
#include "cloudsign/base64.h"
#include "cloudsign/hex.h"
#include "hsm/softphone/link.h"
#include "server/cli/admin_client.h"
#include "server/cli/commands.h"
#include "server/cli/files.h"
#include "server/cli/output_place.h"

namespace server::cli {
namespace {

namespace json = boost::json;
using cloudsign::Bytes;
using cloudsign::audit::ReceiptFacts;

constexpr std::size_t receipts_size_max = 64 << 20;

struct Options {
    std::string data;
    std::string transaction;
    std::string out;
    std::vector<std::string> roots;
    std::string file;
    Form form = Form::text;
};

Outcome<int> get(const Options& options) {
    if (!hsm::softphone::is_id(options.transaction)) {
        return usage_failure("\"" + options.transaction + "\" is no id of a transaction");
    }
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer,
               admin.get("/admin/v1/transactions/" + options.transaction, "get the receipts"));
    const auto* receipts = answer.if_contains("receipts");
    if (receipts == nullptr || !receipts->is_array() || receipts->get_array().empty()) {
        return Failure{options.transaction + ": nothing is signed yet"};
    }
    const auto text = json::serialize(answer) + "\n";
    if (options.out.empty()) {
        std::cout << text;
    } else {
        TRY(write_result(options.out, text));
        std::cout << receipts->get_array().size() << " receipts in " << options.out << "\n";
    }
    return exit_done;
}

// One entry of `receipts`, decoded.
struct Entry {
    Bytes signature;
    Bytes receipt;
    Bytes device_certificate;
};

Outcome<Bytes> bytes_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    auto bytes = value != nullptr && value->is_string()
                     ? cloudsign::from_base64url(value->get_string())
                     : std::nullopt;
    if (!bytes) {
        return Failure{"the receipt has no " + std::string(name) + " in base64url"};
    }
    return *std::move(bytes);
}

Outcome<Entry> read_entry(const json::value& value) {
    if (!value.is_object()) {
        return Failure{"a receipt must be a JSON object"};
    }
    const auto& object = value.get_object();
    Entry entry;
    TRY_ASSIGN(entry.signature, bytes_of(object, "signature"));
    TRY_ASSIGN(entry.receipt, bytes_of(object, "receipt"));
    TRY_ASSIGN(entry.device_certificate, bytes_of(object, "device_certificate"));
    return entry;
}

json::object facts_json(const ReceiptFacts& facts) {
    json::array thumbprints;
    for (const auto& thumbprint : facts.details.thumbprints) {
        thumbprints.push_back(json::string(cloudsign::hex(thumbprint)));
    }
    return {{"module_id", cloudsign::hex(facts.device.module_id)},
            {"class", cloudsign::audit::class_name(facts.device.assurance_class)},
            {"root", facts.device.root_subject},
            {"record", facts.record.index},
            {"key_id", cloudsign::hex(facts.details.key_id)},
            {"hash", cloudsign::hex(facts.details.hash)},
            {"leaf", facts.details.leaf_index},
            {"leaves", facts.details.leaf_count},
            {"challenge", cloudsign::hex(facts.details.challenge)},
            {"thumbprints", std::move(thumbprints)},
            {"firmware_hash", cloudsign::hex(facts.details.firmware_hash)},
            {"signature", cloudsign::base64url(facts.details.signature)}};
}

Outcome<json::object> verify_entry(const json::value& value, const std::vector<Bytes>& roots) {
    TRY_ASSIGN(const auto entry, read_entry(value));
    TRY_ASSIGN(const auto facts,
               outcome_of(cloudsign::audit::verify_receipt(
                   entry.receipt, entry.device_certificate, roots)));
    if (!hsm::base::equal(facts.details.signature, entry.signature)) {
        return Failure{"the receipt is for another signature"};
    }
    return facts_json(facts);
}

Outcome<json::array> read_receipts(const std::string& file) {
    TRY_ASSIGN(const auto text, read_file(file, receipts_size_max));
    json::error_code error;
    const auto value = json::parse(text, error);
    const auto* receipts =
        !error && value.is_object() ? value.get_object().if_contains("receipts") : nullptr;
    if (receipts == nullptr || !receipts->is_array() || receipts->get_array().empty()) {
        return Failure{file + ": holds no receipts, as `kyso receipt get` writes them"};
    }
    return receipts->get_array();
}

Outcome<int> verify(const Options& options) {
    TRY_ASSIGN(const auto roots, read_certificates(options.roots));
    TRY_ASSIGN(const auto receipts, read_receipts(options.file));
    json::array verified;
    for (const auto& receipt : receipts) {
        auto facts = verify_entry(receipt, roots);
        if (!facts) {
            return Failure{options.file + ": " + facts.error().text};
        }
        verified.push_back(*std::move(facts));
    }
    if (options.form == Form::json) {
        std::cout << json::serialize(json::object{{"receipts", std::move(verified)}}) << "\n";
        return exit_done;
    }
    for (const auto& facts : verified) {
        std::cout << "receipt verified\n";
        for (const auto& [name, value] : facts.get_object()) {
            const auto gap = name.size() < 15 ? 15 - name.size() : 1;
            std::cout << "  " << std::string_view(name) << std::string(gap, ' ')
                      << (value.is_string() ? std::string(value.get_string())
                                            : json::serialize(value))
                      << "\n";
        }
    }
    return exit_done;
}

}  // namespace

void add_receipt(CLI::App& app, Action& chosen) {
    auto* receipt =
        app.add_subcommand("receipt", "The modules' own statements of what they signed");
    receipt->require_subcommand(1);
    const auto options = std::make_shared<Options>();

    auto* get_command = receipt->add_subcommand("get", "The receipts of one transaction, as JSON");
    add_data_option(*get_command, options->data);
    get_command->add_option("TRANSACTION", options->transaction, "Its id")
        ->type_name("")
        ->required();
    get_command->add_option("--out", options->out, "Write them there")
        ->type_name("FILE")
        ->check(output_name());
    get_command->callback([options, &chosen] { chosen = [options] { return get(*options); }; });

    auto* verify_command = receipt->add_subcommand(
        "verify", "Check receipts without any server; exit status 0 when all of them hold");
    add_root_option(*verify_command, options->roots);
    verify_command->add_option("RECEIPT", options->file, "File of `kyso receipt get`")
        ->type_name("")
        ->required();
    add_json_option(*verify_command, options->form);
    verify_command->callback(
        [options, &chosen] { chosen = [options] { return verify(*options); }; });
}

}  // namespace server::cli

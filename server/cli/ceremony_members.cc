#include <boost/json.hpp>

#include "cloudsign/hex.h"
#include "hsm/openssl/digest.h"
#include "server/cli/admin_client.h"
#include "server/cli/ceremony_module.h"
#include "server/cli/data_folder.h"

namespace server::cli {

namespace wire = hsm::protocol;
using hsm::Bytes;
using hsm::ByteView;
using hsm::client::Session;
using hsm::custodian::FileKind;

namespace {

// How often a table may change while it is on its way.
constexpr int table_attempts = 5;

Bytes copy_of(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

template <class Statement>
Bytes encoded_statement(const Statement& statement) {
    Bytes buffer(wire::tagged_size_max<Statement>());
    const auto encoded = wire::encode_tagged(statement, buffer);
    CHECK(encoded.has_value());
    return copy_of(*encoded);
}

struct Taken {
    wire::State state = wire::State::provisioned;
    bool changed_meanwhile = false;
};

// Every page of the live member's table, in order.
Outcome<Taken> carry_table(Session& live, Session& restored, wire::TableExportRequest request) {
    Taken taken;
    do {
        TRY_ASSIGN(const auto page, ask(live, "the live member gives no table", request));
        const auto reply = restored.call(wire::TableImportRequest{page->page, host_time_ms()},
                                         hsm::client::after(ceremony_patience));
        if (!reply) {
            taken.changed_meanwhile =
                request.cursor != 0 && reply.error() == hsm::Status::acknowledgement_wrong;
            if (taken.changed_meanwhile) {
                return taken;
            }
            return refused("the table is not taken", reply.error());
        }
        taken.state = (*reply)->state;
        request.cursor = page->next;
    } while (request.cursor != 0);
    return taken;
}

}  // namespace

Outcome<int> take_table(const CeremonyOptions& options) {
    TRY_ASSIGN(auto restored, connect(options.module, options.psk));
    TRY_ASSIGN(auto live, connect(options.from, options.from_psk));
    TRY_ASSIGN(const auto info, ask(restored, "get_info", wire::GetInfoRequest{}));
    for (int attempt = 0; attempt < table_attempts; ++attempt) {
        TRY_ASSIGN(const auto taken,
                   carry_table(live, restored, {info->module_id, info->provisioning_nonce, 0}));
        if (!taken.changed_meanwhile) {
            const std::string state(state_name(taken.state));
            return done(options, {{"state", state}}, state);
        }
    }
    return Failure{"the live member's table changed again and again: try when it is quiet"};
}

Outcome<int> prepare_change(const CeremonyOptions& options) {
    TRY_ASSIGN(const auto next, read_fields(FileKind::configuration, options.configuration));
    TRY_ASSIGN(auto session, connect(options.module, options.psk));
    TRY_ASSIGN(const auto info, ask(session, "get_info", wire::GetInfoRequest{}));
    const auto before = copy_of(info->configuration);
    const auto group = wire::decode_tagged<wire::GroupConfiguration>(before);
    if (!group) {
        return Failure{"the module is a member of no group"};
    }
    const auto& after = next.at("configuration");
    TRY(write_fields(FileKind::change,
                     options.out,
                     {{"before", before},
                      {"configuration", after},
                      {"statement",
                       encoded_statement(wire::ChangeStatement{
                           group->group_id, hsm::sha256(before), hsm::sha256(after)})}}));
    return written(options, "what officers, and custodians where they are needed, approve");
}

Outcome<int> change(const CeremonyOptions& options) {
    TRY_ASSIGN(const auto papers, read_fields(FileKind::change, options.papers));
    TRY_ASSIGN(const auto before, group_in(papers, "before", options.papers));
    CeremonyFiles files;
    files.reserve(options.signatures.size() + options.assertions.size() + options.receipts.size());
    wire::ChangeGroupRequest request;
    request.configuration = papers.at("configuration");
    if (!options.signatures.empty()) {
        TRY_ASSIGN(request.custodian_signatures,
                   read_signatures(FileKind::change_signature, options.signatures, before, files));
    }
    TRY_ASSIGN(request.assertions, read_approvals(options.assertions, files));
    for (const auto& name : options.receipts) {
        TRY_ASSIGN(auto fields, read_fields(FileKind::receipt, name));
        files.push_back(std::move(fields));
        if (!request.receipts.push_back(files.back().at("receipt"))) {
            return usage_failure("more receipts than members");
        }
    }
    request.host_time = host_time_ms();
    TRY_ASSIGN(auto session, connect(options.module, options.psk));
    TRY(ask(session, "the module keeps its configuration", request));
    return done(options, {{"changed", true}}, "changed: now each other member");
}

Outcome<int> prepare_zeroise(const CeremonyOptions& options) {
    TRY_ASSIGN(auto session, connect(options.module, options.psk));
    TRY_ASSIGN(const auto info, ask(session, "get_info", wire::GetInfoRequest{}));
    const wire::ZeroiseStatement statement{info->module_id, info->provisioning_nonce};
    TRY(write_fields(FileKind::zeroise,
                     options.out,
                     {{"configuration", copy_of(info->configuration)},
                      {"statement", encoded_statement(statement)}}));
    return written(options, "what officers approve, until the module's next start,");
}

Outcome<int> zeroise(const CeremonyOptions& options) {
    TRY(check_absent(options.out));
    CeremonyFiles files;
    files.reserve(options.assertions.size());
    wire::ZeroiseRequest request;
    TRY_ASSIGN(request.assertions, read_approvals(options.assertions, files));
    request.host_time = host_time_ms();
    TRY_ASSIGN(auto session, connect(options.module, options.psk));
    TRY_ASSIGN(const auto reply, ask(session, "the module keeps its keys", request));
    // It cannot be asked for again: where the file fails it is at least on the screen.
    const auto receipt = copy_of(reply->receipt);
    const auto file = write_fields(FileKind::receipt, options.out, {{"receipt", receipt}});
    const auto hex = cloudsign::hex(receipt);
    TRY(file ? file : Outcome<void>(Failure{file.error().text + "; the receipt is " + hex}));
    return done(options,
                {{"out", options.out}, {"receipt", hex}},
                "zeroised: the receipt, for the other members, in " + options.out);
}

namespace {

Outcome<void> check_sealed(const CeremonyOptions& options) {
    if (options.has_no_server) {
        return {};
    }
    if (options.data.empty()) {
        return usage_failure(
            "--data: the folder of the server whose keys are sealed, or --no-server: keys that are "
            "not sealed anew are lost with the epoch");
    }
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(const auto answer, admin.get("/admin/v1/keys", "ask how the keys are sealed"));
    const auto* older = answer.if_contains("older");
    const auto* settled = answer.if_contains("settled");
    if (older == nullptr || !older->is_int64() || settled == nullptr || !settled->is_bool()) {
        return Failure{"the server does not say how the keys are sealed"};
    }
    if (older->get_int64() > 0) {
        return Failure{std::to_string(older->get_int64()) +
                       " keys are not sealed under the new epoch yet, and would be lost: the "
                       "server does it by itself once every module has the new KEK (kyso module "
                       "keys)"};
    }
    if (!settled->get_bool()) {
        return Failure{"a key was sealed anew just now: ask again in half a minute"};
    }
    return {};
}

}  // namespace

Outcome<int> close_epoch(const CeremonyOptions& options) {
    TRY(check_sealed(options));
    TRY_ASSIGN(auto session, connect(options.module, options.psk));
    TRY(ask(session, "the epoch stays open", wire::CloseEpochRequest{host_time_ms()}));
    return done(options, {{"closed", true}}, "the KEK of the epoch before is destroyed");
}

}  // namespace server::cli

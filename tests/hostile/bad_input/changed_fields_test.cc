#include <cstdio>

#include <gtest/gtest.h>

#include "tests/hostile/bad_input/bare_ceremony.h"
#include "tests/hostile/bad_input/snapshot.h"
#include "tests/hostile/matrix/cbor_damage.h"

// Each field of each command with another value of its type: flipped, cut, longer, emptied, one up,
// one down. Where the field decides anything, one of the codes that are said here, and nothing has
// changed.
namespace tests::hostile {
namespace {

namespace wire = hsm::protocol;
using hsm::Status;
using support::BareModule;
using support::status_of;
using wire::Command;
using wire::Role;

using Statuses = std::vector<Status>;

const Statuses bad_blob = {
    Status::malformed, Status::blob_malformed, Status::blob_mac_wrong, Status::blob_epoch_unknown};
const Statuses bad_activation = {Status::malformed, Status::activation_mac_wrong};
const Statuses bad_assertion = {Status::assertion_malformed,
                                Status::assertion_client_data_wrong,
                                Status::assertion_flags_wrong,
                                Status::assertion_key_unknown,
                                Status::assertion_rp_id_wrong,
                                Status::assertion_signature_wrong};
const Statuses bad_statement = {Status::malformed, Status::acknowledgement_wrong};
const Statuses no_loader = {Status::malformed, Status::not_supported};
const Statuses any_value = {Status::malformed, Status::ok};

// What a changed value of a field may be answered with; a field "4" of bytes also stands for "4.0",
// "4.1" of a list. A field that is absent here is the host's own to choose (its time): what is done
// with it is recorded, and nothing depends on it.
struct FieldCodes {
    Command command;
    const char* field;
    Statuses codes;
};
const std::vector<FieldCodes>& field_codes() {
    static const std::vector<FieldCodes> all = {
        {Command::unlock, "1", {Status::malformed, Status::secret_wrong}},
        {Command::provision,
         "1",
         {Status::malformed, Status::configuration_wrong, Status::custodian_wrong}},
        {Command::provision, "3", {Status::malformed, Status::custodian_wrong}},
        {Command::provision, "4", bad_assertion},
        {Command::provision, "5", {Status::malformed, Status::key_missing}},
        {Command::generate_key, "1", any_value},
        {Command::generate_key, "2", any_value},
        {Command::generate_key, "3", {Status::policy_invalid, Status::ok}},
        {Command::bind, "1", bad_blob},
        {Command::bind, "2", bad_activation},
        {Command::bind, "3", bad_activation},
        {Command::bind, "4", bad_assertion},
        {Command::open_activation, "1", bad_blob},
        {Command::open_activation, "2", {Status::malformed, Status::blob_bound_already}},
        {Command::open_activation, "3", {Status::malformed, Status::algorithm_wrong, Status::ok}},
        {Command::open_activation, "4", any_value},
        {Command::open_activation, "5", any_value},
        {Command::open_activation, "6", any_value},
        {Command::open_activation, "7", {Status::malformed, Status::lifetime_too_long, Status::ok}},
        {Command::sign, "1", bad_blob},
        {Command::sign, "2", bad_activation},
        {Command::sign, "3", bad_activation},
        {Command::sign, "4", bad_assertion},
        {Command::sign,
         "5",
         {Status::malformed, Status::leaf_index_wrong, Status::leaf_path_wrong}},
        {Command::sign, "6", {Status::malformed, Status::leaf_path_wrong, Status::algorithm_wrong}},
        {Command::sign, "7", {Status::malformed, Status::leaf_path_wrong}},
        {Command::sign, "8", {Status::malformed, Status::leaf_path_wrong}},
        {Command::get_result, "1", {Status::malformed, Status::no_such_result}},
        {Command::get_result, "2", {Status::malformed, Status::no_such_result}},
        {Command::acknowledge, "1", any_value},
        {Command::rebind_prepare, "1", bad_blob},
        {Command::rebind_prepare, "2", bad_activation},
        {Command::rebind_prepare, "3", bad_activation},
        {Command::rebind_prepare, "4", bad_assertion},
        {Command::rebind_prepare,
         "5",
         {Status::malformed, Status::policy_invalid, Status::assertion_key_unknown}},
        {Command::rebind_finish, "1", bad_blob},
        {Command::rebind_finish, "2", {Status::malformed, Status::rebind_not_prepared}},
        {Command::rebind_finish, "3", bad_statement},
        {Command::revoke, "1", bad_statement},
        {Command::attest_key, "1", bad_blob},
        {Command::attest_key, "2", any_value},
        {Command::revoke_key, "1", bad_blob},
        {Command::revoke_key, "2", bad_activation},
        {Command::revoke_key, "3", bad_activation},
        {Command::revoke_key, "4", bad_assertion},
        {Command::sign_service, "1", bad_blob},
        {Command::sign_service, "2", {Status::malformed, Status::algorithm_wrong}},
        {Command::sign_service, "3", {Status::malformed, Status::content_wrong}},
        {Command::sign_service, "4", {Status::malformed, Status::content_wrong}},
        {Command::list_begin, "1", any_value},
        {Command::list_write,
         "1",
         {Status::malformed, Status::list_not_begun, Status::list_offset_wrong}},
        {Command::list_write,
         "2",
         {Status::malformed, Status::list_not_begun, Status::content_wrong}},
        {Command::list_finish, "1", bad_blob},
        {Command::list_finish,
         "2",
         {Status::malformed, Status::algorithm_wrong, Status::list_not_begun}},
        {Command::audit_head, "1", any_value},
        {Command::audit_export, "1", {Status::malformed, Status::no_such_record, Status::ok}},
        {Command::audit_release, "1", {Status::malformed, Status::no_such_record, Status::ok}},
        {Command::ceremony_share,
         "1",
         {Status::malformed,
          Status::transcript_wrong,
          Status::share_foreign,
          Status::share_wrong,
          Status::custodian_wrong}},
        {Command::table_export, "1", {Status::malformed, Status::member_unknown}},
        {Command::table_export, "2", any_value},
        {Command::table_export, "3", any_value},
        {Command::table_import, "1", bad_statement},
        {Command::change_group,
         "1",
         {Status::malformed,
          Status::configuration_wrong,
          Status::assertion_client_data_wrong,
          Status::assertion_key_unknown,
          Status::assertion_missing}},
        {Command::change_group, "2", bad_assertion},
        {Command::change_group, "3", {Status::malformed, Status::custodian_wrong}},
        {Command::zeroise, "1", bad_assertion},
        {Command::reseal, "1", bad_blob},
        {Command::update_begin, "1", no_loader},
        {Command::update_begin, "2", no_loader},
        {Command::update_write, "1", no_loader},
        {Command::update_write, "2", no_loader},
    };
    return all;
}

const Statuses* codes_of(Command command, const CborItem& item) {
    constexpr std::string_view body = "message.2.";
    if (!item.path.starts_with(body) || item.path.find("key") != std::string::npos) {
        return nullptr;
    }
    const auto path = item.path.substr(body.size());
    const auto field = path.substr(0, path.find('.'));
    for (const auto& one : field_codes()) {
        if (one.command == command && field == one.field) {
            return &one.codes;
        }
    }
    return nullptr;
}

std::size_t send_changed(BareModule& module, const RightRequest& right) {
    const auto name = wire::find_rule(static_cast<std::uint64_t>(right.command))->name;
    std::size_t cases = 0;
    std::size_t failures = 0;
    for (const auto& item : items_of(right.request)) {
        const auto* codes = codes_of(right.command, item);
        if (codes == nullptr) {
            continue;
        }
        for (const auto& form : changed_values(right.request, item)) {
            const Snapshot before(module);
            const auto status = status_of(module.send(form.request, right.role));
            const bool known = std::ranges::find(*codes, status) != codes->end();
            const bool unchanged = status == Status::ok || Snapshot(module) == before;
            ++cases;
            if ((!known || !unchanged) && ++failures <= 20) {
                ADD_FAILURE() << name << ' ' << form.what << ": answered "
                              << hsm::base::status_name(status)
                              << (unchanged ? "" : ", and something changed");
            }
        }
    }
    EXPECT_EQ(failures, 0u) << name;
    return cases;
}

TEST(ChangedFields, AreRefusedByNameAndChangeNothing) {
    const support::People people;
    BareModule module;
    // The first secret that a module is given is its secret.
    ASSERT_EQ(status_of(module.send(right_unlock(), Role::server)), Status::ok);
    ASSERT_TRUE(module.start());
    std::size_t cases = send_changed(module, {Command::unlock, right_unlock()});
    ASSERT_EQ(status_of(module.send(right_unlock(), Role::server)), Status::ok);
    const auto provision = right_provision(module, people);
    cases += send_changed(module, {Command::provision, provision, Role::operating});
    ASSERT_EQ(status_of(module.send(provision, Role::operating)), Status::ok);

    const auto own = right_requests(module, people);
    for (const auto& one : own) {
        cases += send_changed(module, one);
    }
    for (const auto& one : own) {
        const auto* rule = wire::find_rule(static_cast<std::uint64_t>(one.command));
        EXPECT_EQ(status_of(module.send(one.request, one.role)), one.answer) << rule->name;
    }
    BareModule restored;
    restored.set_up(people);
    const auto table = right_table_import(restored);
    cases += send_changed(restored, {Command::table_import, table, Role::operating});
    EXPECT_EQ(status_of(restored.send(table, Role::operating)), Status::ok);
    BareCeremony ceremony;
    for (const auto& one : ceremony.requests()) {
        const bool ends_it =
            one.command == Command::ceremony_share || one.command == Command::ceremony_finish;
        cases += ends_it ? send_changed(ceremony.module, one) : 0;
        EXPECT_TRUE(!ends_it ||
                    status_of(ceremony.module.send(one.request, one.role)) == Status::ok);
    }
    EXPECT_EQ(ceremony.module.core().state, wire::State::operational);
    std::printf("%zu changed fields\n", cases);
    EXPECT_GT(cases, 9'000u);
}

}  // namespace
}  // namespace tests::hostile

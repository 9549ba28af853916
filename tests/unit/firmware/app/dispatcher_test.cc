#include "tests/support/module_fixture.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Status;

// A request with the command's code and a body that is none: whoever gets past the rule answers
// `malformed`, and nothing changes.
Bytes probe(wire::Command command) {
    return {0x83, 0x18, static_cast<hsm::Byte>(command), 0x01, 0x01};
}
Bytes short_probe(wire::Command command) {
    return {0x83, static_cast<hsm::Byte>(command), 0x01, 0x01};
}
Bytes probe_of(wire::Command command) {
    return static_cast<unsigned>(command) < 24 ? short_probe(command) : probe(command);
}

// Written here once more, by hand: the table in hsm/protocol/command.h is what is under test.
struct Allowed {
    std::string_view name;
    std::vector<wire::State> states;
    std::vector<wire::Role> roles;
};
const std::vector<Allowed>& expected_rules() {
    using enum wire::State;
    using enum wire::Role;
    static const std::vector<Allowed> rules = {
        {"get_info",
         {blank, provisioned, locked, operational, failed, tampered},
         {server, operating, auditor}},
        {"unlock", {locked}, {server, operating}},
        {"provision", {blank}, {operating}},
        {"self_test", {blank, provisioned, locked, operational}, {server, operating, auditor}},
        {"install_hosts", {locked}, {operating}},
        {"generate_key", {operational}, {server}},
        {"bind", {operational}, {server}},
        {"open_activation", {operational}, {server}},
        {"sign", {operational}, {server}},
        {"get_result", {operational}, {server}},
        {"acknowledge", {operational}, {server}},
        {"rebind_prepare", {operational}, {server}},
        {"rebind_finish", {operational}, {server}},
        {"revoke", {operational}, {server}},
        {"attest_key", {operational}, {server, operating, auditor}},
        {"sign_service", {operational}, {server}},
        {"list_begin", {operational}, {server}},
        {"list_write", {operational}, {server}},
        {"list_finish", {operational}, {server}},
        {"revoke_key", {operational}, {server}},
        {"audit_head", {provisioned, operational, locked}, {server, operating, auditor}},
        {"audit_export",
         {provisioned, operational, locked, tampered},
         {server, operating, auditor}},
        {"audit_release", {operational}, {server, operating}},
        {"ceremony_make", {provisioned, operational}, {operating}},
        {"ceremony_restore", {provisioned, operational}, {operating}},
        {"ceremony_share", {provisioned, operational}, {operating}},
        {"ceremony_finish", {provisioned, operational}, {operating}},
        {"table_export", {operational}, {server, operating}},
        {"table_import", {provisioned}, {operating}},
        {"change_group", {operational}, {operating}},
        {"zeroise", {provisioned, operational}, {operating}},
        {"reseal", {operational}, {server}},
        {"close_epoch", {operational}, {operating}},
        {"update_begin", {blank, provisioned, operational}, {operating}},
        {"update_write", {blank, provisioned, operational}, {operating}},
        {"update_finish", {blank, provisioned, operational}, {operating}},
        {"update_state", {blank, provisioned, locked, operational}, {server, operating, auditor}},
    };
    return rules;
}

void expect_rules(InProcessModule& module, wire::State state) {
    ASSERT_EQ(module.module().state(), state);
    ASSERT_EQ(expected_rules().size(), std::size(wire::command_rules));
    for (std::size_t i = 0; i < expected_rules().size(); ++i) {
        const auto& rule = expected_rules()[i];
        for (const auto role : {wire::Role::server, wire::Role::operating, wire::Role::auditor}) {
            const bool in_state = std::ranges::find(rule.states, state) != rule.states.end();
            const bool in_role = std::ranges::find(rule.roles, role) != rule.roles.end();
            const auto expected = !in_state  ? Status::wrong_state
                                  : !in_role ? Status::wrong_role
                                             : Status::malformed;
            const auto answered =
                status_of(module.send(probe_of(wire::command_rules[i].command), role));
            EXPECT_EQ(answered, expected) << rule.name << " as role " << static_cast<int>(role)
                                          << " in state " << static_cast<int>(state);
        }
    }
}

TEST(Dispatcher, AllowsWhatTheTableSaysInEachStateAndRole) {
    TemporaryFolder folder;
    TestClock clock;
    InProcessModule blank(folder.path(), "blank", clock);
    expect_rules(blank, wire::State::blank);
    const std::vector<hsm::Digest> members{module_id_of(blank.target())};
    const People people;
    ASSERT_TRUE(provision(blank.target(wire::Role::operating),
                          people,
                          configuration_of(people, wire::AssuranceClass::software, members),
                          wire::EpochMode::ceremony));
    expect_rules(blank, wire::State::provisioned);

    ModuleGroup group;
    expect_rules(group[0], wire::State::operational);
    group[0].stop();
    group[0].start_locked();
    expect_rules(group[0], wire::State::locked);
    ModuleGroup wiped;
    ASSERT_TRUE(wiped[0].module().tamper());
    expect_rules(wiped[0], wire::State::tampered);
    group[0].break_flash();
    (void)group[0].module().unlock(hsm::view_of(unlock_secret));
    (void)group[0].module().sync();
    expect_rules(group[0], wire::State::failed);
}

TEST(Dispatcher, NamesTheRequestInEachRefusal) {
    ModuleGroup group;
    const auto response = group[0].send(encoded(wire::AttestKeyRequest{{}, {}}, 0xfffffffe));

    const auto head = wire::decode_response_head(response);

    ASSERT_TRUE(head);
    EXPECT_EQ(head->request_id, 0xfffffffeu);
    EXPECT_EQ(head->status, Status::blob_malformed);
}

TEST(Dispatcher, AnswersWhateverItIsSent) {
    ModuleGroup group;
    EXPECT_EQ(status_of(group[0].send({})), Status::malformed);
    EXPECT_EQ(status_of(group[0].send(Bytes(8192, 0x00))), Status::malformed);
    EXPECT_EQ(status_of(group[0].send(Bytes(8193, 0x00))), Status::message_too_large);
    EXPECT_EQ(status_of(group[0].send(Bytes{0x83, 0x18, 0xc8, 0x01, 0xa0})),
              Status::unknown_command);
}

}  // namespace

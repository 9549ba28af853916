#pragma once

#include <span>

#include "hsm/protocol/types.h"

// The command table: one list for module, host and documentation (PROTOCOL.md "Commands").
namespace hsm::protocol {

enum class Command : std::uint8_t {
    get_info = 1,
    unlock = 2,
    provision = 3,
    install_hosts = 8,
    self_test = 4,
    generate_key = 10,
    bind = 11,
    open_activation = 12,
    sign = 13,
    get_result = 14,
    acknowledge = 15,
    rebind_prepare = 16,
    rebind_finish = 17,
    revoke = 18,
    attest_key = 19,
    sign_service = 20,
    list_begin = 21,
    list_write = 22,
    list_finish = 23,
    revoke_key = 24,
    audit_head = 30,
    audit_export = 31,
    audit_release = 32,
    ceremony_make = 40,
    ceremony_restore = 41,
    ceremony_share = 42,
    ceremony_finish = 43,
    table_export = 44,
    table_import = 45,
    change_group = 46,
    zeroise = 47,
    reseal = 48,
    close_epoch = 49,
    update_begin = 50,
    update_write = 51,
    update_finish = 52,
    update_state = 53
};

// Sets of states and roles, one bit for each enumerator.
constexpr std::uint8_t in_states(std::initializer_list<State> states) {
    std::uint8_t set = 0;
    for (auto state : states) {
        set = static_cast<std::uint8_t>(set | 1u << static_cast<unsigned>(state));
    }
    return set;
}
constexpr std::uint8_t for_roles(std::initializer_list<Role> roles) {
    std::uint8_t set = 0;
    for (auto role : roles) {
        set = static_cast<std::uint8_t>(set | static_cast<unsigned>(role));
    }
    return set;
}

struct CommandRule {
    Command command;
    std::string_view name;
    std::uint8_t states;
    std::uint8_t roles;

    constexpr bool allows(State state) const {
        return (states >> static_cast<unsigned>(state) & 1u) != 0;
    }
    constexpr bool allows(Role role) const { return (roles & static_cast<unsigned>(role)) != 0; }
};

inline constexpr std::uint8_t any_state = in_states({State::blank,
                                                     State::provisioned,
                                                     State::locked,
                                                     State::operational,
                                                     State::failed,
                                                     State::tampered});
inline constexpr std::uint8_t any_role = for_roles({Role::server, Role::operating, Role::auditor});

inline constexpr CommandRule command_rules[] = {
    {Command::get_info, "get_info", any_state, any_role},
    {Command::unlock,
     "unlock",
     in_states({State::locked}),
     for_roles({Role::server, Role::operating})},
    {Command::provision, "provision", in_states({State::blank}), for_roles({Role::operating})},
    {Command::self_test,
     "self_test",
     in_states({State::blank, State::provisioned, State::locked, State::operational}),
     any_role},
    {Command::install_hosts,
     "install_hosts",
     in_states({State::locked}),
     for_roles({Role::operating})},
    {Command::generate_key,
     "generate_key",
     in_states({State::operational}),
     for_roles({Role::server})},
    {Command::bind, "bind", in_states({State::operational}), for_roles({Role::server})},
    {Command::open_activation,
     "open_activation",
     in_states({State::operational}),
     for_roles({Role::server})},
    {Command::sign, "sign", in_states({State::operational}), for_roles({Role::server})},
    {Command::get_result, "get_result", in_states({State::operational}), for_roles({Role::server})},
    {Command::acknowledge,
     "acknowledge",
     in_states({State::operational}),
     for_roles({Role::server})},
    {Command::rebind_prepare,
     "rebind_prepare",
     in_states({State::operational}),
     for_roles({Role::server})},
    {Command::rebind_finish,
     "rebind_finish",
     in_states({State::operational}),
     for_roles({Role::server})},
    {Command::revoke, "revoke", in_states({State::operational}), for_roles({Role::server})},
    {Command::attest_key,
     "attest_key",
     in_states({State::operational}),
     for_roles({Role::server, Role::operating, Role::auditor})},
    {Command::sign_service,
     "sign_service",
     in_states({State::operational}),
     for_roles({Role::server})},
    {Command::list_begin, "list_begin", in_states({State::operational}), for_roles({Role::server})},
    {Command::list_write, "list_write", in_states({State::operational}), for_roles({Role::server})},
    {Command::list_finish,
     "list_finish",
     in_states({State::operational}),
     for_roles({Role::server})},
    {Command::revoke_key, "revoke_key", in_states({State::operational}), for_roles({Role::server})},
    {Command::audit_head,
     "audit_head",
     in_states({State::provisioned, State::locked, State::operational}),
     any_role},
    {Command::audit_export,
     "audit_export",
     in_states({State::provisioned, State::locked, State::operational, State::tampered}),
     any_role},
    {Command::audit_release,
     "audit_release",
     in_states({State::operational}),
     for_roles({Role::server, Role::operating})},
    {Command::ceremony_make,
     "ceremony_make",
     in_states({State::provisioned, State::operational}),
     for_roles({Role::operating})},
    {Command::ceremony_restore,
     "ceremony_restore",
     in_states({State::provisioned, State::operational}),
     for_roles({Role::operating})},
    {Command::ceremony_share,
     "ceremony_share",
     in_states({State::provisioned, State::operational}),
     for_roles({Role::operating})},
    {Command::ceremony_finish,
     "ceremony_finish",
     in_states({State::provisioned, State::operational}),
     for_roles({Role::operating})},
    {Command::table_export,
     "table_export",
     in_states({State::operational}),
     for_roles({Role::server, Role::operating})},
    {Command::table_import,
     "table_import",
     in_states({State::provisioned}),
     for_roles({Role::operating})},
    {Command::change_group,
     "change_group",
     in_states({State::operational}),
     for_roles({Role::operating})},
    {Command::zeroise,
     "zeroise",
     in_states({State::provisioned, State::operational}),
     for_roles({Role::operating})},
    {Command::reseal, "reseal", in_states({State::operational}), for_roles({Role::server})},
    {Command::close_epoch,
     "close_epoch",
     in_states({State::operational}),
     for_roles({Role::operating})},
    {Command::update_begin,
     "update_begin",
     in_states({State::blank, State::provisioned, State::operational}),
     for_roles({Role::operating})},
    {Command::update_write,
     "update_write",
     in_states({State::blank, State::provisioned, State::operational}),
     for_roles({Role::operating})},
    {Command::update_finish,
     "update_finish",
     in_states({State::blank, State::provisioned, State::operational}),
     for_roles({Role::operating})},
    {Command::update_state,
     "update_state",
     in_states({State::blank, State::provisioned, State::locked, State::operational}),
     any_role},
};

// nullptr for a code outside the table.
constexpr const CommandRule* find_rule(std::uint64_t code) {
    for (const auto& rule : command_rules) {
        if (static_cast<std::uint64_t>(rule.command) == code) {
            return &rule;
        }
    }
    return nullptr;
}

}  // namespace hsm::protocol

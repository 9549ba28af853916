#include <cstring>
#include <map>

#include <gtest/gtest.h>

#include "tests/hostile/bad_input/bare_ceremony.h"
#include "tests/hostile/bad_input/snapshot.h"
#include "tests/hostile/matrix/cbor_damage.h"

// Each command, in each state, from each role, with each of its fields damaged in each way: the
// code that the table of commands says, and nothing has changed. Afterwards the undamaged requests
// are all accepted, so that nothing but the damage was wrong with the others.
namespace tests::hostile {
namespace {

namespace wire = hsm::protocol;
using hsm::Byte;
using hsm::ByteView;
using hsm::Status;
using support::BareModule;
using support::status_of;
using wire::Role;
using wire::State;

constexpr Role all_roles[] = {Role::server, Role::operating, Role::auditor};
constexpr State all_states[] = {State::blank,
                                State::provisioned,
                                State::locked,
                                State::operational,
                                State::failed,
                                State::tampered};

// A second reading of a message's head, PROTOCOL.md "Messages": an array of three, command and
// request id in their shortest form, and a third item that begins. The command's code, or nothing.
class Head {
public:
    static std::optional<std::uint64_t> command_of(ByteView message) {
        Head head(message);
        if (message.empty() || message[0] != 0x83) {
            return std::nullopt;
        }
        head.at_ = 1;
        const auto code = head.number();
        const auto id = head.number();
        const bool in_range = code && id && *code <= 0xff && *id <= 0xffffffff;
        return in_range && head.begins_item() ? code : std::nullopt;
    }

private:
    explicit Head(ByteView message) : message_(message) {}

    std::optional<std::uint64_t> number() {
        if (at_ >= message_.size() || message_[at_] > 0x1b) {
            return std::nullopt;
        }
        const unsigned kind = message_[at_++];
        if (kind < 24) {
            return kind;
        }
        const std::size_t size = std::size_t{1} << (kind - 24);
        if (message_.size() - at_ < size) {
            return std::nullopt;
        }
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i) {
            value = value << 8 | message_[at_++];
        }
        const std::uint64_t smallest = size == 1 ? 24 : std::uint64_t{1} << (4 * size);
        return value >= smallest ? std::optional(value) : std::nullopt;
    }

    bool begins_item() const {
        constexpr Byte stop = 0xff;
        const unsigned kind = at_ < message_.size() ? message_[at_] & 0x1f : 28;
        return (kind < 28 || kind == 31) && message_[at_] != stop;
    }

    ByteView message_;
    std::size_t at_ = 0;
};

Status expected_of(ByteView damaged, State state, Role role) {
    const auto code = Head::command_of(damaged);
    if (!code) {
        return Status::malformed;
    }
    const auto* rule = wire::find_rule(*code);
    if (rule == nullptr) {
        return Status::unknown_command;
    }
    if (!rule->allows(state)) {
        return Status::wrong_state;
    }
    return rule->allows(role) ? Status::malformed : Status::wrong_role;
}

Bytes ledger_of(BareModule& module) {
    const auto& ledger = module.core().ledger;
    Bytes bytes(sizeof ledger);
    std::memcpy(bytes.data(), &ledger, sizeof ledger);
    return bytes;
}

using Requests = std::map<wire::Command, Bytes>;
using Forms = std::map<wire::Command, std::vector<Damaged>>;

Forms broken_forms_of(const Requests& requests) {
    Forms forms;
    for (const auto& [command, request] : requests) {
        forms[command] = broken_forms(request);
    }
    return forms;
}

// Every command of the table with every broken form, from every role.
std::size_t send_broken(BareModule& module, const Forms& all) {
    const auto state = module.core().state;
    const auto flash = support::copy_of(module.flash().bytes());
    const auto ledger = ledger_of(module);
    const Snapshot before(module);
    std::size_t cases = 0;
    std::size_t failures = 0;
    for (const auto& rule : wire::command_rules) {
        const auto forms = all.find(rule.command);
        if (forms == all.end()) {
            ADD_FAILURE() << "right_requests.cc has none of " << rule.name;
            continue;
        }
        for (const auto role : all_roles) {
            for (const auto& form : forms->second) {
                const auto expected = expected_of(form.request, state, role);
                const auto status = status_of(module.send(form.request, role));
                const bool unchanged = Snapshot(module) == before;
                ++cases;
                if ((status != expected || !unchanged) && ++failures <= 20) {
                    ADD_FAILURE() << rule.name << ' ' << form.what << " as role "
                                  << static_cast<int>(role) << " in state "
                                  << static_cast<int>(state) << ": answered "
                                  << hsm::base::status_name(status) << ", wanted "
                                  << hsm::base::status_name(expected)
                                  << (unchanged ? "" : ", and something changed");
                }
            }
        }
    }
    EXPECT_EQ(failures, 0u);
    EXPECT_EQ(support::copy_of(module.flash().bytes()), flash);
    EXPECT_EQ(ledger_of(module), ledger);
    return cases;
}

class BadInput : public testing::Test {
protected:
    // The right requests of another module of the same people: right in form for any.
    Requests requests_of_another() {
        BareModule another;
        Requests requests;
        requests[wire::Command::install_hosts] = right_install_hosts();
        requests[wire::Command::unlock] = right_unlock();
        CHECK(status_of(another.send(right_unlock(), Role::operating)) == Status::ok);
        requests[wire::Command::provision] = right_provision(another, people);
        CHECK(status_of(another.send(requests[wire::Command::provision], Role::operating)) ==
              Status::ok);
        for (const auto& one : right_requests(another, people)) {
            requests[one.command] = one.request;
        }
        for (const auto& one : BareCeremony().requests()) {
            requests[one.command] = one.request;
        }
        requests[wire::Command::table_import] = right_table_import(another);
        return requests;
    }

    support::People people;
};

TEST_F(BadInput, IsRefusedByTheTableInEachStateAndRole) {
    auto requests = requests_of_another();
    std::size_t cases = 0;
    BareModule module;

    ASSERT_EQ(module.core().state, State::locked);
    cases += send_broken(module, broken_forms_of(requests));
    ASSERT_EQ(status_of(module.send(right_unlock(), Role::server)), Status::ok);

    ASSERT_EQ(module.core().state, State::blank);
    requests[wire::Command::provision] = right_provision(module, people);
    cases += send_broken(module, broken_forms_of(requests));
    ASSERT_EQ(status_of(module.send(requests[wire::Command::provision], Role::operating)),
              Status::ok);

    ASSERT_EQ(module.core().state, State::operational);
    const auto own = right_requests(module, people);
    for (const auto& one : own) {
        requests[one.command] = one.request;
    }
    const auto forms = broken_forms_of(requests);
    cases += send_broken(module, forms);
    // How these come about is other tests' affair; what they allow is the table's.
    for (const auto state : {State::provisioned, State::failed, State::tampered}) {
        module.core().state = state;
        cases += send_broken(module, forms);
    }
    module.core().state = State::operational;

    for (const auto& one : own) {
        const auto* rule = wire::find_rule(static_cast<std::uint64_t>(one.command));
        EXPECT_EQ(status_of(module.send(one.request, one.role)), one.answer) << rule->name;
    }
    std::printf("%zu broken requests\n", cases);
    EXPECT_GT(cases, 200'000u);
}

TEST_F(BadInput, LeavesACeremonyWhereItWas) {
    auto requests = requests_of_another();
    BareCeremony ceremony;
    auto& module = ceremony.module;
    ASSERT_EQ(module.core().state, State::provisioned);
    const auto own = ceremony.requests();
    for (const auto& one : own) {
        requests[one.command] = one.request;
    }

    send_broken(module, broken_forms_of(requests));

    for (const auto command : {wire::Command::ceremony_share, wire::Command::ceremony_finish}) {
        EXPECT_EQ(status_of(module.send(requests[command], Role::operating)), Status::ok);
    }
    EXPECT_EQ(module.core().state, State::operational);
}

TEST_F(BadInput, LeavesARestoredMemberWithoutATable) {
    auto requests = requests_of_another();
    BareModule module;
    module.set_up(people);
    requests[wire::Command::table_import] = right_table_import(module);

    send_broken(module, broken_forms_of(requests));

    EXPECT_EQ(status_of(module.send(requests[wire::Command::table_import], Role::operating)),
              Status::ok);
    EXPECT_EQ(module.core().state, State::operational);
}

TEST_F(BadInput, IsAnotherModulesAffairInTheRightForm) {
    const auto requests = requests_of_another();
    BareModule module;
    module.set_up(people);
    const Snapshot before(module);
    for (const auto state : all_states) {
        module.core().state = state;
        for (const auto& rule : wire::command_rules) {
            for (const auto role : all_roles) {
                if (rule.allows(state) && rule.allows(role)) {
                    continue;
                }
                const auto status = status_of(module.send(requests.at(rule.command), role));
                EXPECT_EQ(status, rule.allows(state) ? Status::wrong_role : Status::wrong_state)
                    << rule.name;
            }
        }
    }
    module.core().state = State::operational;
    EXPECT_EQ(Snapshot(module), before);
}

}  // namespace
}  // namespace tests::hostile

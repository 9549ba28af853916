#include <gtest/gtest.h>

#include "tests/hostile/matrix/wire_module.h"

namespace {

namespace wire = hsm::protocol;
using hsm::Status;
using hsm::protocol::Role;
using namespace tests::hostile;
using namespace tests::support;

// Each request is right in every other respect: the last assertion of each test shows it.
class HostileRole : public testing::Test {
protected:
    template <class Request>
    Status ask(ModuleProcess& module, Role role, const Request& request) {
        return status_of(WireModule(module, role).send(encoded(request)));
    }

    ScratchFolder folder_;
};

TEST_F(HostileRole, OnlyTheOperatorProvisions) {
    const ProcessToken token(folder_.path() / "token", TokenKind::softhsm);
    ModuleProcess module(folder_.path() / "module-1", token);
    module.start();
    const People people;
    WireModule as_server(module);
    WireModule as_auditor(module, Role::auditor);
    WireModule as_operator(module, Role::operating);
    const auto id = module_id_of(as_server.as_target());
    const auto configuration =
        configuration_of(people, wire::AssuranceClass::emulated, std::span(&id, 1));
    const auto attempt = [&](WireModule& link) {
        return provision(link.as_target(), people, configuration, wire::EpochMode::make);
    };

    EXPECT_EQ(Status::wrong_role, attempt(as_server).error());
    EXPECT_EQ(Status::wrong_role, attempt(as_auditor).error());
    const auto info = call(as_server.as_target(), wire::GetInfoRequest{});
    ASSERT_TRUE(info);
    EXPECT_EQ(wire::State::blank, (*info)->state);

    EXPECT_TRUE(attempt(as_operator));
    // Once provisioned, not even the operator does it again.
    EXPECT_EQ(Status::wrong_state, attempt(as_operator).error());
}

TEST_F(HostileRole, OnlyTheServerSigns) {
    ProcessGroup group(folder_.path(), TokenKind::softhsm);
    WireModule server(group[0]);
    const auto target = server.as_target();
    const auto holder = enrol(target, group.people);
    ASSERT_TRUE(holder);
    const auto signing = approved_signing(target, group.people, *holder);
    ASSERT_TRUE(signing);
    const wire::GenerateKeyRequest generate{
        wire::KeyKind::person, wire::KeyType::p256, holder->policy, 0};
    const wire::OpenActivationRequest open{
        holder->blob, wire::Purpose::sign, es256, 1, random_digest(), {}, 1000};
    const auto acknowledge = acknowledgement_of(signing->activation.challenge, 0);
    const wire::GetResultRequest result{signing->activation.challenge, 0};

    for (const auto role : {Role::operating, Role::auditor}) {
        EXPECT_EQ(Status::wrong_role, ask(group[0], role, signing->request()));
        EXPECT_EQ(Status::wrong_role, ask(group[0], role, generate));
        EXPECT_EQ(Status::wrong_role, ask(group[0], role, open));
    }
    EXPECT_EQ(Status::ok, ask(group[0], Role::server, signing->request()));
    // What was signed for the server is no other role's to take, or to make it forget.
    for (const auto role : {Role::operating, Role::auditor}) {
        EXPECT_EQ(Status::wrong_role, ask(group[0], role, result));
        EXPECT_EQ(Status::wrong_role, ask(group[0], role, acknowledge));
    }
    EXPECT_EQ(Status::wrong_role, ask(group[0], Role::auditor, wire::AuditReleaseRequest{1}));

    EXPECT_EQ(Status::ok, ask(group[0], Role::server, result));
    EXPECT_EQ(1u, count_signatures(target));
}

}  // namespace

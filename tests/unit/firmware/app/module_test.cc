#include "tests/support/module_fixture.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Status;

TEST(Module, SignsOnceForOneApproval) {
    ModuleGroup group;
    const auto holder = enrol(group.target(), group.people);
    ASSERT_EQ(status(holder), Status::ok);
    const auto signing = approved_signing(group.target(), group.people, *holder);
    ASSERT_EQ(status(signing), Status::ok);

    const auto first = call(group.target(), signing->request());
    const auto second = call(group.target(), signing->request());

    ASSERT_EQ(status(first), Status::ok);
    EXPECT_EQ(status(second), Status::activation_spent);
    EXPECT_EQ(count_signatures(group.target()), 1u);
}

TEST(Module, CountsItsStartsAndDrawsANewNonce) {
    TemporaryFolder folder;
    TestClock clock;
    InProcessModule module(folder.path(), "module", clock);
    const auto first = call(module.target(), wire::GetInfoRequest{});
    const auto nonce = (*first)->provisioning_nonce;
    const auto counter = (*first)->boot_counter;
    const auto id = (*first)->module_id;

    module.restart();

    const auto second = call(module.target(), wire::GetInfoRequest{});
    EXPECT_EQ((*second)->boot_counter, counter + 1);
    EXPECT_EQ((*second)->module_id, id);
    EXPECT_NE((*second)->provisioning_nonce, nonce);
    EXPECT_EQ((*second)->module_id, sha256_of((*second)->identity_spki));
}

// Nothing leaves before it is durable, and after a failed sync nothing leaves any more.
TEST(Module, FailsForGoodWhenTheStoreDoes) {
    ModuleGroup group;
    const auto holder = enrol(group.target(), group.people);
    ASSERT_TRUE(holder);
    const auto signing = approved_signing(group.target(), group.people, *holder);
    const auto other = approved_signing(group.target(), group.people, *holder);
    ASSERT_TRUE(signing && other);

    group[0].break_flash();

    EXPECT_EQ(status(call(group.target(), signing->request())), Status::storage_failed);
    EXPECT_EQ(group[0].module().state(), wire::State::failed);
    EXPECT_EQ(status(call(group.target(), other->request())), Status::wrong_state);
    EXPECT_EQ(status(call(group.target(), wire::GetInfoRequest{})), Status::ok);
}

TEST(Module, HoldsEveryAnswerWhileSomethingIsNotDurable) {
    ModuleGroup group;
    const auto holder = enrol(group.target(), group.people);
    ASSERT_TRUE(holder);
    const auto signing = approved_signing(group.target(), group.people, *holder, 2);
    ASSERT_TRUE(signing);
    auto& module = group[0].module();
    Bytes response(wire::message_size_max);

    const auto signed_answer =
        module.handle(encoded(signing->request(0), 41), wire::Role::server, response);
    EXPECT_EQ(signed_answer.durability, firmware::app::Durability::sync);
    EXPECT_EQ(status_of(hsm::ByteView(response).first(signed_answer.size)), Status::ok);

    const auto head =
        module.handle(encoded(wire::AuditHeadRequest{}, 42), wire::Role::auditor, response);
    EXPECT_EQ(head.durability, firmware::app::Durability::sync);

    ASSERT_TRUE(module.sync());
    const auto later =
        module.handle(encoded(wire::AuditHeadRequest{}, 43), wire::Role::auditor, response);
    EXPECT_EQ(later.durability, firmware::app::Durability::none);

    const auto size =
        firmware::app::Module::replace_held(hsm::ByteView(response).first(later.size), response);
    const auto replaced = wire::decode_response_head(hsm::ByteView(response).first(size));
    EXPECT_EQ(replaced->request_id, 43u);
    EXPECT_EQ(replaced->status, Status::storage_failed);
}

TEST(Module, StaysLockedBehindAWrongSecret) {
    ModuleGroup group;
    auto& owner = group[0];
    owner.stop();
    owner.start_locked();
    auto& module = owner.module();

    EXPECT_EQ(module.state(), wire::State::locked);
    EXPECT_EQ(status(module.unlock(hsm::view_of("a wrong secret of 32 bytes, 0123456789"))),
              Status::secret_wrong);
    EXPECT_EQ(module.state(), wire::State::locked);
    EXPECT_EQ(status(call(owner.target(), wire::AuditHeadRequest{})), Status::key_locked);
    EXPECT_EQ(status(call(owner.target(), wire::UnlockRequest{hsm::view_of(unlock_secret)})),
              Status::ok);
    EXPECT_EQ(module.state(), wire::State::operational);
}

TEST(Module, IsTamperedForGoodOnceItsKeysAreWiped) {
    ModuleGroup group;
    const auto holder = enrol(group.target(), group.people);
    ASSERT_TRUE(holder);
    const auto records = export_log(group.target()).size();

    ASSERT_TRUE(group[0].module().tamper());

    for (int start = 0; start < 3; ++start) {
        EXPECT_EQ(group[0].module().state(), wire::State::tampered);
        EXPECT_EQ(status(call(group.target(), wire::AttestKeyRequest{holder->blob, {}})),
                  Status::wrong_state);
        EXPECT_EQ(status(group[0].module().unlock(hsm::view_of(unlock_secret))),
                  Status::wrong_state);
        const auto info = call(group.target(), wire::GetInfoRequest{});
        ASSERT_TRUE(info);
        EXPECT_EQ((*info)->state, wire::State::tampered);
        // What the module has done can still be read.
        EXPECT_EQ(export_log(group.target()).size(), records);
        group[0].restart();
    }
}

}  // namespace

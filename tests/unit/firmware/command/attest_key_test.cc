#include "hsm/protocol/statement.h"
#include "tests/support/module_fixture.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Status;

TEST(AttestKey, SaysWhoCanActivateTheKeyAndWhereItLives) {
    ModuleGroup group;
    const auto holder = enrol(group.target(), group.people);
    ASSERT_TRUE(holder);
    const auto nonce = random_digest();

    const auto reply = call(group.target(), wire::AttestKeyRequest{holder->blob, nonce});

    ASSERT_EQ(status(reply), Status::ok);
    const auto parts = wire::decode_signed((*reply)->signed_statement);
    ASSERT_TRUE(parts);
    const auto statement = wire::decode_tagged<wire::AttestationStatement>(parts->statement);
    ASSERT_TRUE(statement);
    EXPECT_EQ(statement->nonce, nonce);
    EXPECT_EQ(statement->module_id, module_id_of(group.target()));
    EXPECT_EQ(statement->kind, wire::KeyKind::person);
    EXPECT_EQ(statement->version, 1u);
    EXPECT_EQ(copy_of(statement->policy), holder->policy);
    EXPECT_EQ(statement->officer, group.people.officers[0].thumbprint());
    EXPECT_EQ(statement->assurance_class, wire::AssuranceClass::software);
}

TEST(AttestKey, RefusesAnUnboundKey) {
    ModuleGroup group;
    const auto holder = enrol(group.target(), group.people);
    ASSERT_TRUE(holder);

    EXPECT_EQ(status(call(group.target(), wire::AttestKeyRequest{holder->unbound, {}})),
              Status::blob_unbound);
}

}  // namespace

#include "hsm/cli/first_start.h"

#include <gtest/gtest.h>
#include <openssl/x509.h>

#include "hsm/cli/device_certificate.h"
#include "tests/support/module_process.h"

namespace {

using hsm::Status;
using hsm::protocol::AssuranceClass;
using hsm::protocol::GetInfoRequest;
using hsm::protocol::Role;
using hsm::protocol::State;
using tests::support::Bytes;
using tests::support::ModuleProcess;
using tests::support::People;
using tests::support::ProcessGroup;
using tests::support::ProcessToken;
using tests::support::provision_processes;
using tests::support::ScratchFolder;
using tests::support::TokenKind;

auto info_of(ModuleProcess& module) {
    auto session = module.connect();
    auto reply = session.call(GetInfoRequest{}, hsm::client::after(std::chrono::seconds(10)));
    CHECK(reply.has_value());
    return *std::move(reply);
}

std::string subject_of(hsm::ByteView certificate, int type) {
    const auto* at = certificate.data();
    X509* parsed = ::d2i_X509(nullptr, &at, static_cast<long>(certificate.size()));
    std::array<char, 128> text{};
    ::X509_NAME_get_text_by_NID(::X509_get_subject_name(parsed), type, text.data(), text.size());
    ::X509_free(parsed);
    return text.data();
}

class FirstStart : public testing::TestWithParam<TokenKind> {
protected:
    ScratchFolder folder_;
};

TEST_P(FirstStart, MakesAGroupOfTwo) {
    ProcessGroup group(folder_.path(), GetParam(), 2);

    const auto first = info_of(group[0]);
    const auto second = info_of(group[1]);
    const auto expected_class =
        GetParam() == TokenKind::psa ? AssuranceClass::software : AssuranceClass::emulated;
    EXPECT_EQ(State::operational, first->state);
    EXPECT_EQ(State::operational, second->state);
    EXPECT_EQ(expected_class, first->assurance_class);
    EXPECT_EQ(1u, first->epoch);
    EXPECT_EQ(1u, second->epoch);
    EXPECT_NE(first->module_id, second->module_id);
    EXPECT_TRUE(hsm::equal(first->configuration, second->configuration));
    EXPECT_TRUE(hsm::equal(group.group().configuration, first->configuration));
    EXPECT_TRUE(hsm::equal(group.group().device_certificates[1], second->device_certificate));
    EXPECT_EQ(group.group().module_ids[1], second->module_id);
}

INSTANTIATE_TEST_SUITE_P(Engines,
                         FirstStart,
                         testing::Values(TokenKind::psa, TokenKind::softhsm),
                         [](const auto& chosen) {
                             return chosen.param == TokenKind::psa ? "psa" : "softhsm";
                         });

TEST(FirstStartTest, CertifiesModuleAndClass) {
    ScratchFolder folder;
    ProcessGroup group(folder.path(), TokenKind::psa);
    const auto& certificate = group.group().device_certificates[0];
    const auto root = hsm::cli::P256Key::load_or_make(folder.path() / "module-root.key.pem");

    EXPECT_EQ("software", subject_of(certificate, NID_organizationalUnitName));
    EXPECT_EQ(0u, subject_of(certificate, NID_commonName).find("Kyso module "));
    EXPECT_EQ("Kyso TEST module root", subject_of(group.root_certificate(), NID_commonName));
    const auto info = info_of(group[0]);
    EXPECT_TRUE(hsm::cli::is_device_certificate(
        *root, certificate, info->identity_spki, AssuranceClass::software));
    EXPECT_FALSE(hsm::cli::is_device_certificate(
        *root, certificate, info->identity_spki, AssuranceClass::emulated));
    const auto other = hsm::cli::P256Key::load_or_make(folder.path() / "other.pem");
    EXPECT_FALSE(hsm::cli::is_device_certificate(
        *other, certificate, info->identity_spki, AssuranceClass::software));
    EXPECT_LE(certificate.size(), hsm::protocol::certificate_size_max);
}

TEST(FirstStartTest, RepeatsWhatBrokeOff) {
    ScratchFolder folder;
    const ProcessToken token(folder.path() / "token", TokenKind::psa);
    ModuleProcess first(folder.path() / "module-1", token, "module-1");
    ModuleProcess second(folder.path() / "module-2", token, "module-2");
    first.start();
    second.start();
    ModuleProcess* both[] = {&first, &second};
    int approvals = 0;
    const People people;
    const auto custodian = hsm::cli::P256Key::load_or_make(folder.path() / "custodian.pem");
    const auto root = hsm::cli::P256Key::load_or_make(folder.path() / "module-root.key.pem");
    auto first_session = first.connect(Role::operating);
    auto second_session = second.connect(Role::operating);
    hsm::client::Session* sessions[] = {&first_session, &second_session};
    const hsm::cli::GroupPlan plan{
        people.rp_id, people.origin, {{people.officers[0].point(), false}}, 1};

    const auto broken = hsm::cli::provision_group(
        sessions,
        plan,
        *custodian,
        *root,
        [&](std::size_t index, const hsm::Digest& challenge) -> hsm::Result<Bytes> {
            if (++approvals == 2) {
                return Status::assertion_missing;
            }
            return people.officer_approves(challenge, index);
        });
    ASSERT_FALSE(broken);
    EXPECT_EQ(Status::assertion_missing, broken.error());
    EXPECT_EQ(State::operational, info_of(first)->state);
    EXPECT_EQ(State::blank, info_of(second)->state);
    const auto repeated = provision_processes(folder.path(), both, people);
    const auto again = provision_processes(folder.path(), both, people);

    ASSERT_TRUE(repeated) << hsm::base::status_name(repeated.error());
    ASSERT_TRUE(again);
    EXPECT_EQ(State::operational, info_of(second)->state);
    EXPECT_EQ(repeated->configuration, again->configuration);
    EXPECT_EQ(repeated->device_certificates, again->device_certificates);
}

TEST(FirstStartTest, RefusesAStrangeOfficer) {
    ScratchFolder folder;
    const ProcessToken token(folder.path() / "token", TokenKind::psa);
    ModuleProcess module(folder.path() / "module-1", token);
    module.start();
    ModuleProcess* modules[] = {&module};
    const People people;
    const auto custodian = hsm::cli::P256Key::load_or_make(folder.path() / "custodian.pem");
    const auto root = hsm::cli::P256Key::load_or_make(folder.path() / "module-root.key.pem");
    auto session = module.connect(Role::operating);
    hsm::client::Session* sessions[] = {&session};
    const hsm::cli::GroupPlan plan{
        people.rp_id, people.origin, {{people.officers[0].point(), false}}, 1};
    const People strangers;

    const auto group = hsm::cli::provision_group(
        sessions,
        plan,
        *custodian,
        *root,
        [&](std::size_t index, const hsm::Digest& challenge) -> hsm::Result<Bytes> {
            return strangers.officer_approves(challenge, index);
        });

    ASSERT_FALSE(group);
    EXPECT_EQ(State::blank, info_of(module)->state);
    EXPECT_TRUE(provision_processes(folder.path(), modules, people));
}

TEST(FirstStartTest, IsForOperatorsOnly) {
    ScratchFolder folder;
    const ProcessToken token(folder.path() / "token", TokenKind::psa);
    ModuleProcess module(folder.path() / "module-1", token);
    module.start();
    const People people;
    const auto custodian = hsm::cli::P256Key::load_or_make(folder.path() / "custodian.pem");
    const auto root = hsm::cli::P256Key::load_or_make(folder.path() / "module-root.key.pem");
    auto session = module.connect(Role::server);
    hsm::client::Session* sessions[] = {&session};
    const hsm::cli::GroupPlan plan{
        people.rp_id, people.origin, {{people.officers[0].point(), false}}, 1};

    const auto group = hsm::cli::provision_group(
        sessions, plan, *custodian, *root, [&](std::size_t index, const hsm::Digest& challenge) {
            return hsm::Result<Bytes>(people.officer_approves(challenge, index));
        });

    ASSERT_FALSE(group);
    EXPECT_EQ(Status::wrong_role, group.error());
}

TEST(P256KeyTest, KeepsItsKeyAndRefusesOthers) {
    ScratchFolder folder;
    const auto file = folder.path() / "key.pem";

    const auto made = hsm::cli::P256Key::load_or_make(file);
    const auto loaded = hsm::cli::P256Key::load_or_make(file);
    ASSERT_TRUE(made);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(made->point(), loaded->point());
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    EXPECT_EQ(Status::malformed, hsm::cli::P256Key::load_or_make(file).error());
    EXPECT_EQ(Status::io_failed,
              hsm::cli::P256Key::load_or_make(folder.path() / "no" / "folder").error());
}

}  // namespace

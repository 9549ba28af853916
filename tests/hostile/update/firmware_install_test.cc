#include "hsm/cli/firmware_install.h"

#include <gtest/gtest.h>

#include "tests/hostile/update/update_site.h"

// The operator's tool against the module's commands, and against a module that lies.
namespace tests::hostile {
namespace {

using hsm::cli::FirmwarePackage;
using support::status;

class FirmwareInstall : public ::testing::Test {
protected:
    FirmwarePackage package_of(const Release& release) {
        FirmwarePackage package;
        package.head = release.head;
        package.header = *wire::decode_firmware_header(
            hsm::ByteView(release.head).first(wire::firmware_header_size));
        package.images = {release.images[0], release.images[1]};
        return package;
    }
    hsm::cli::AskModule module() {
        return [this](hsm::ByteView request) -> hsm::Result<Bytes> {
            return site.operating()(request);
        };
    }

    UpdateSite site;
};

TEST_F(FirmwareInstall, BringsAReleaseThatOfficersHaveApproved) {
    const auto package = package_of(site.next);
    const auto info = support::call(site.operating(), wire::GetInfoRequest{});
    ASSERT_TRUE(info.has_value());
    const auto statement = hsm::cli::update_statement((*info)->configuration, package);
    ASSERT_TRUE(statement.has_value());
    const auto challenge = support::sha256_of(*statement);
    EXPECT_EQ(challenge, site.challenge_of(site.next));
    const std::array bytes{site.people().officer_approves(challenge, 1),
                           site.people().officer_approves(challenge, 2)};
    wire::Assertions approvals;
    for (const auto& approval : bytes) {
        ASSERT_TRUE(approvals.push_back(approval));
    }

    EXPECT_EQ(status(hsm::cli::install_release(module(), package, approvals, 1000)), Status::ok);
    EXPECT_EQ(site.restart(), 1u);
    EXPECT_EQ(site.state().firmware_hash, package.firmware_hash());
}

TEST_F(FirmwareInstall, SaysWhatTheModuleRefuses) {
    const auto package = package_of(site.next);
    EXPECT_EQ(status(hsm::cli::install_release(module(), package, {}, 1000)),
              Status::assertion_missing);
    EXPECT_EQ(status(hsm::cli::update_statement({}, package)), Status::configuration_wrong);
}

TEST_F(FirmwareInstall, StopsWhenTheAnswersAreNotAModules) {
    const auto package = package_of(site.next);
    const auto answering = [](const auto& response) -> hsm::cli::AskModule {
        Bytes buffer(wire::message_size_max);
        const auto message = wire::encode_response(1, response, buffer);
        const auto bytes = support::copy_of(*message);
        return [bytes](hsm::ByteView) -> hsm::Result<Bytes> { return bytes; };
    };
    wire::UpdateBeginResponse begun;
    begun.size = 1;
    EXPECT_EQ(status(hsm::cli::install_release(answering(begun), package, {}, 0)),
              Status::response_wrong);
    auto one_image = package;
    one_image.images.pop_back();
    begun.variant = 1;
    EXPECT_EQ(status(hsm::cli::install_release(answering(begun), one_image, {}, 0)),
              Status::response_wrong);
    const hsm::cli::AskModule gone = [](hsm::ByteView) -> hsm::Result<Bytes> {
        return Status::link_closed;
    };
    EXPECT_EQ(status(hsm::cli::install_release(gone, package, {}, 0)), Status::link_closed);
}

}  // namespace
}  // namespace tests::hostile

#pragma once

#include "hsm/custodian/custodian.h"
#include "hsm/openssl/p256_key.h"
#include "tests/support/module_fixture.h"

namespace tests::support {

// A module with a vault of its own, and the certificate that the root issued for it.
struct CeremonyModule {
    std::unique_ptr<InProcessModule> module;  // none when it runs elsewhere
    Bytes certificate;
    Target as_operator;
    Target as_server;
    hsm::protocol::AssuranceClass assurance_class = hsm::protocol::AssuranceClass::software;

    Target operating() const { return as_operator; }
    Target serving() const { return as_server; }
    hsm::Digest id() const { return module_id_of(serving()); }
};

// What ceremony_make answered, with the papers for the custodians.
struct MadeShares {
    hsm::custodian::CeremonyPapers papers;
    std::vector<Bytes> shares;  // OutwardShare
};

// Modules that share nothing but a root, and the people of a group with a KEK ceremony: custodians,
// 2 of 3, who do what hsm/custodian does.
class CeremonySite {
public:
    CeremonySite();

    CeremonyModule add_module(
        const std::string& name,
        hsm::protocol::AssuranceClass assurance_class = hsm::protocol::AssuranceClass::software);

    // A blank module that is not the test's own: a process, or a board. What it says of its class
    // and image is what the custodians expect from now on.
    CeremonyModule adopt(Target as_operator, Target as_server);

    // provision in mode ceremony; `members` are module ids.
    hsm::Result<void> provision(const CeremonyModule& module,
                                const std::vector<hsm::Digest>& members);

    hsm::Result<MadeShares> make(const CeremonyModule& module, std::uint32_t epoch = 1);
    hsm::Result<hsm::custodian::CeremonyPapers> restore(const CeremonyModule& module,
                                                        hsm::ByteView share_set);

    hsm::custodian::Key custodian(std::size_t i) const;
    hsm::custodian::Expectation expectation() const;

    // The i-th custodian opens a share and seals it to the ceremony of `into`.
    hsm::custodian::Checked<Bytes> carry(
        std::size_t i,
        const MadeShares& made,
        const hsm::custodian::CeremonyPapers& into,
        hsm::protocol::LiveMember live = hsm::protocol::LiveMember::exists) const;

    hsm::Result<hsm::protocol::CeremonyShareResponse> give(const CeremonyModule& module,
                                                           hsm::ByteView signed_share) const;
    hsm::Result<hsm::protocol::State> finish(const CeremonyModule& module) const;

    // All of it: afterwards the module is operational.
    MadeShares make_whole(const CeremonyModule& module, std::uint32_t epoch = 1);
    void restore_whole(const CeremonyModule& module,
                       const MadeShares& made,
                       hsm::protocol::LiveMember live = hsm::protocol::LiveMember::none);

    const std::filesystem::path& folder() const { return folder_.path(); }

    TestClock clock;
    People people;

private:
    void certify(CeremonyModule& module) const;

    TemporaryFolder folder_;
    hsm::openssl::P256Key root_;
    hsm::protocol::AssuranceClass class_expected_ = hsm::protocol::AssuranceClass::software;
    hsm::Digest firmware_expected_ = sha256_of(hsm::view_of("test image"));
};

}  // namespace tests::support

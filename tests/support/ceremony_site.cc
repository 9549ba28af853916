#include "tests/support/ceremony_site.h"

#include "hsm/cli/device_certificate.h"

namespace tests::support {

namespace wire = hsm::protocol;
using hsm::Result;
using hsm::custodian::CeremonyPapers;
using hsm::custodian::Checked;

namespace {

hsm::openssl::P256Key make_root(const std::filesystem::path& folder) {
    auto root = hsm::openssl::P256Key::load_or_make(folder / "root.pem");
    CHECK(root.has_value());
    return *std::move(root);
}

}  // namespace

CeremonySite::CeremonySite() : root_(make_root(folder_.path())) {
    people.custodians = std::vector<Passkey>(3);
    people.custodians_needed = 2;
}

CeremonyModule CeremonySite::add_module(const std::string& name,
                                        wire::AssuranceClass assurance_class) {
    const auto own = folder_.path() / name;
    std::filesystem::create_directory(own);
    CeremonyModule added;
    added.module = std::make_unique<InProcessModule>(own, name, clock);
    added.module->assurance_class = assurance_class;
    added.module->restart();
    added.as_operator = added.module->target(wire::Role::operating);
    added.as_server = added.module->target();
    certify(added);
    return added;
}

CeremonyModule CeremonySite::adopt(Target as_operator, Target as_server) {
    CeremonyModule adopted;
    adopted.as_operator = std::move(as_operator);
    adopted.as_server = std::move(as_server);
    certify(adopted);
    const auto info = call(adopted.serving(), wire::GetInfoRequest{});
    CHECK(info.has_value());
    class_expected_ = (*info)->assurance_class;
    firmware_expected_ = (*info)->firmware_hash;
    return adopted;
}

void CeremonySite::certify(CeremonyModule& module) const {
    const auto info = call(module.serving(), wire::GetInfoRequest{});
    CHECK(info.has_value());
    module.assurance_class = (*info)->assurance_class;
    auto certificate =
        hsm::cli::issue_device_certificate(root_, (*info)->identity_spki, module.assurance_class);
    CHECK(certificate.has_value());
    module.certificate = *std::move(certificate);
}

Result<void> CeremonySite::provision(const CeremonyModule& module,
                                     const std::vector<hsm::Digest>& members) {
    return tests::support::provision(module.operating(),
                                     people,
                                     configuration_of(people, module.assurance_class, members),
                                     wire::EpochMode::ceremony);
}

Result<MadeShares> CeremonySite::make(const CeremonyModule& module, std::uint32_t epoch) {
    TRY_ASSIGN(const auto reply, call(module.operating(), wire::CeremonyMakeRequest{epoch}));
    MadeShares made;
    made.papers = {module.certificate, copy_of(reply->ceremony), copy_of(reply->share_set)};
    for (const auto share : reply->shares) {
        made.shares.push_back(copy_of(share));
    }
    return made;
}

Result<CeremonyPapers> CeremonySite::restore(const CeremonyModule& module,
                                             hsm::ByteView share_set) {
    TRY_ASSIGN(const auto reply, call(module.operating(), wire::CeremonyRestoreRequest{share_set}));
    return CeremonyPapers{module.certificate, copy_of(reply->signed_statement), copy_of(share_set)};
}

hsm::custodian::Key CeremonySite::custodian(std::size_t i) const {
    auto* key = people.custodians[i].get();
    CHECK(::EVP_PKEY_up_ref(key) == 1);
    return hsm::custodian::Key(hsm::openssl::EvpKeyPtr(key));
}

hsm::custodian::Expectation CeremonySite::expectation() const {
    return {{hsm::cli::make_test_root_certificate(root_)}, class_expected_, {firmware_expected_}};
}

Checked<Bytes> CeremonySite::carry(std::size_t i,
                                   const MadeShares& made,
                                   const CeremonyPapers& into,
                                   wire::LiveMember live) const {
    const auto key = custodian(i);
    TRY_ASSIGN(const auto share,
               open_outward_share(key, made.papers, made.shares[i], expectation()));
    return seal_inward_share(key, share, into, live, expectation());
}

Result<wire::CeremonyShareResponse> CeremonySite::give(const CeremonyModule& module,
                                                       hsm::ByteView signed_share) const {
    TRY_ASSIGN(const auto reply,
               call(module.operating(), wire::CeremonyShareRequest{signed_share}));
    return *reply;
}

Result<wire::State> CeremonySite::finish(const CeremonyModule& module) const {
    TRY_ASSIGN(const auto reply, call(module.operating(), wire::CeremonyFinishRequest{1000}));
    return reply->state;
}

MadeShares CeremonySite::make_whole(const CeremonyModule& module, std::uint32_t epoch) {
    auto made = make(module, epoch);
    CHECK(made.has_value());
    for (std::size_t i = 0; i < people.custodians_needed; ++i) {
        const auto share = carry(i, *made, made->papers);
        CHECK(share.has_value() && give(module, *share).has_value());
    }
    const auto finished = finish(module);
    CHECK(finished.has_value() && *finished == wire::State::operational);
    return *std::move(made);
}

void CeremonySite::restore_whole(const CeremonyModule& module,
                                 const MadeShares& made,
                                 wire::LiveMember live) {
    const auto into = restore(module, made.papers.share_set);
    CHECK(into.has_value());
    for (std::size_t i = 0; i < people.custodians_needed; ++i) {
        const auto share = carry(people.custodians.size() - 1 - i, made, *into, live);
        CHECK(share.has_value() && give(module, *share).has_value());
    }
    CHECK(finish(module).has_value());
}

}  // namespace tests::support

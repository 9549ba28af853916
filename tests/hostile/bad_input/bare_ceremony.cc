#include "tests/hostile/bad_input/bare_ceremony.h"

#include "hsm/cli/device_certificate.h"

namespace tests::hostile {

namespace wire = hsm::protocol;
using support::copy_of;
using support::encoded;
using wire::Command;
using wire::Role;

namespace {

template <class T, class E>
T must(hsm::Result<T, E> result) {
    CHECK(result.has_value());
    return *std::move(result);
}

}  // namespace

BareCeremony::BareCeremony()
    : root_(must(hsm::openssl::P256Key::load_or_make(folder_.path() / "root.pem"))) {
    people_.custodians = std::vector<support::Passkey>(3);
    people_.custodians_needed = 2;
    const auto operating = module.as(Role::operating);
    CHECK(support::status_of(operating(right_unlock())) == hsm::Status::ok);
    const auto info = must(support::call(operating, wire::GetInfoRequest{}));
    papers_.device_certificate = must(hsm::cli::issue_device_certificate(
        root_, info->identity_spki, wire::AssuranceClass::software));
    const hsm::Digest members[] = {info->module_id, module.other_member()};
    const auto configuration =
        support::configuration_of(people_, wire::AssuranceClass::software, members);
    CHECK(support::provision(operating, people_, configuration, wire::EpochMode::ceremony)
              .has_value());
    const auto made = must(support::call(operating, wire::CeremonyMakeRequest{1}));
    papers_.ceremony = copy_of(made->ceremony);
    papers_.share_set = copy_of(made->share_set);
    for (const auto share : made->shares) {
        shares_.push_back(copy_of(share));
    }
    const auto first = carried_share(0);
    CHECK(support::call(operating, wire::CeremonyShareRequest{first}).has_value());
}

Bytes BareCeremony::carried_share(std::size_t custodian) const {
    auto* held = people_.custodians[custodian].get();
    CHECK(::EVP_PKEY_up_ref(held) == 1);
    const hsm::custodian::Key key{hsm::openssl::EvpKeyPtr(held)};
    const hsm::custodian::Expectation expectation{
        {hsm::cli::make_test_root_certificate(root_)},
        wire::AssuranceClass::software,
        {support::sha256_of(hsm::view_of(support::BareModule::image_name))}};
    const auto share =
        must(hsm::custodian::open_outward_share(key, papers_, shares_[custodian], expectation));
    return must(hsm::custodian::seal_inward_share(
        key, share, papers_, wire::LiveMember::none, expectation));
}

std::vector<RightRequest> BareCeremony::requests() const {
    const auto share = carried_share(1);
    const auto right = [](const auto& request) {
        return RightRequest{
            std::remove_cvref_t<decltype(request)>::command, encoded(request), Role::operating};
    };
    return {right(wire::CeremonyMakeRequest{1}),
            right(wire::CeremonyRestoreRequest{papers_.share_set}),
            right(wire::CeremonyShareRequest{share}),
            right(wire::CeremonyFinishRequest{1000})};
}

}  // namespace tests::hostile

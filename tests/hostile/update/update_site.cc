#include "tests/hostile/update/update_site.h"

namespace tests::hostile {

using firmware::boot::testing::make_release;
using support::call;

namespace {

support::People three_officers() {
    support::People people;
    people.officers = std::vector<support::Passkey>(3);
    people.officers_needed = 2;
    return people;
}

}  // namespace

UpdateSite::UpdateSite()
    : present(make_release({.version = version_of(1, 0, 1), .security_version = 2})),
      next(make_release({.version = version_of(1, 0, 2), .security_version = 2})),
      group_(1, three_officers()) {
    CHECK(device.flash_raw(0, present).has_value());
    CHECK(restart() == 0);
}

firmware::boot::SlotIndex UpdateSite::restart() {
    module().stop();
    const auto slot = device.start();
    CHECK(slot.has_value());
    module().updater = &device.updater();
    const auto record = device.updater().record();
    CHECK(record.has_value());
    module().firmware_hash = record->slots[*slot].firmware_hash;
    module().start();
    return *slot;
}

std::array<hsm::Byte, 16> UpdateSite::group_id() {
    const auto info = call(operating(), wire::GetInfoRequest{});
    CHECK(info.has_value());
    const auto group = wire::decode_tagged<wire::GroupConfiguration>((*info)->configuration);
    CHECK(group.has_value());
    return group->group_id;
}

hsm::Digest UpdateSite::challenge_of(const Release& release) {
    Bytes buffer(256);
    const wire::UpdateStatement statement{
        group_id(), release.hash, release.version, release.security_version};
    const auto hash = wire::tagged_hash(statement, buffer, support::sha256);
    CHECK(hash.has_value());
    return *hash;
}

std::vector<Bytes> UpdateSite::approvals_of(const Release& release) {
    const auto challenge = challenge_of(release);
    return {people().officer_approves(challenge, 0), people().officer_approves(challenge, 2)};
}

wire::UpdateBeginRequest UpdateSite::begin_request(const Release& release,
                                                   const std::vector<Bytes>& approvals) {
    wire::UpdateBeginRequest request;
    request.head = release.head;
    for (const auto& approval : approvals) {
        CHECK(request.assertions.push_back(approval));
    }
    request.host_time = 1000;
    return request;
}

Status UpdateSite::begin(const Release& release) {
    const auto approvals = approvals_of(release);
    return support::status(call(operating(), begin_request(release, approvals)));
}

Status UpdateSite::write_all(const Release& release) {
    const auto slot = device.updater().candidate().slot;
    const hsm::ByteView image = release.images[slot];
    constexpr std::size_t chunk_size = 512;
    for (std::size_t done = 0; done < image.size(); done += chunk_size) {
        const auto chunk = image.subspan(done, std::min(chunk_size, image.size() - done));
        const auto written =
            call(operating(), wire::UpdateWriteRequest{static_cast<std::uint32_t>(done), chunk});
        if (!written) {
            return written.error();
        }
    }
    return Status::ok;
}

Status UpdateSite::finish() {
    return support::status(call(operating(), wire::UpdateFinishRequest{1000}));
}

wire::UpdateStateResponse UpdateSite::state() {
    state_response_ = operating()(support::encoded(wire::UpdateStateRequest{}));
    const auto state = wire::decode_response_body<wire::UpdateStateResponse>(state_response_);
    CHECK(state.has_value());
    return *state;
}

Bytes UpdateSite::everything() {
    Bytes all = support::copy_of(device.flash.bytes());
    for (const auto& record : support::export_log(operating())) {
        all.insert(all.end(), record.begin(), record.end());
    }
    const auto written = state().written;
    all.push_back(static_cast<hsm::Byte>(written));
    all.push_back(static_cast<hsm::Byte>(written >> 8));
    return all;
}

}  // namespace tests::hostile

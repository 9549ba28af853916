#include "cloudsign/credential/officer_phones.h"

#include <algorithm>

#include "cloudsign/approval/assertion_check.h"
#include "cloudsign/base64.h"
#include "cloudsign/identity/text.h"
#include "cloudsign/random.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/device_table.h"
#include "hsm/protocol/officer_link.h"

namespace cloudsign::credential {
namespace {

using approval::Group;
using store::DeviceTable;
using store::Session;

std::optional<std::size_t> place_of(const Group& group, const hsm::protocol::Point& point) {
    const auto found = std::ranges::find(group.officers, point);
    return found == group.officers.end()
               ? std::nullopt
               : std::optional<std::size_t>(found - group.officers.begin());
}

Result<void> check_plan(const Group& group, const hsm::protocol::ActivationKey& key) {
    const auto place = place_of(group, key.point);
    if (!place) {
        return Error{ErrorKind::forbidden, "the modules do not know this officer"};
    }
    const bool planned = group.officer_backup_eligible[*place];
    if (planned != key.backup_eligible) {
        return Error{ErrorKind::forbidden,
                     std::string("the plan of the group says backup_eligible = ") +
                         (planned ? "true" : "false") +
                         " of this passkey: the modules refuse it otherwise. If the plan is wrong, "
                         "change the group's configuration first"};
    }
    return {};
}

}  // namespace

std::string_view name(OfficerPhoneState state) {
    switch (state) {
        case OfficerPhoneState::invited:
            return "invited";
        case OfficerPhoneState::connected:
            return "connected";
        case OfficerPhoneState::over:
            break;
    }
    return "over";
}

std::optional<Group> OfficerPhones::plan() {
    auto group = approvals_.group();
    return group ? std::optional<Group>(*std::move(group)) : std::nullopt;
}

OfficerPhone OfficerPhones::looked_at(store::Device device,
                                      const std::optional<Group>& group) const {
    const auto now = clock_.now_ms();
    OfficerPhone phone;
    if (device.status == store::DeviceStatus::joining) {
        phone.state = now > device.created_at + link_ms ? OfficerPhoneState::over
                                                        : OfficerPhoneState::invited;
    } else {
        phone.state = identity::DeviceSessions::is_over(device, now) ? OfficerPhoneState::over
                                                                     : OfficerPhoneState::connected;
    }
    if (const auto place = group ? place_of(*group, device.point) : std::nullopt) {
        phone.person = group->officer_persons[*place];
    }
    phone.device = std::move(device);
    return phone;
}

Result<OfficerLink> OfficerPhones::invite(const std::string& name,
                                          const hsm::protocol::ActivationKey& key) {
    TRY(identity::check_name("name", name));
    TRY_ASSIGN(const auto group, approvals_.group());
    TRY(check_plan(group, key));
    // The link's secret stands in the session's place until the phone has a session of its own.
    auto made = identity::new_device(
        store::DeviceOwner::officer, name, name, key.point, key.backup_eligible, clock_.now_ms());
    made.row.status = store::DeviceStatus::joining;
    TRY(database_.write([&](Session& session) -> Result<void> {
        DeviceTable devices(session);
        TRY(devices.remove_links(made.row.thumbprint));
        return devices.insert(made.row);
    }));
    const auto expires_at = made.row.created_at + link_ms;
    return OfficerLink{std::move(made.row), std::move(made.session), expires_at};
}

Result<store::Device> OfficerPhones::invited(Session& session,
                                             std::string_view link,
                                             const hsm::Digest& thumbprint) const {
    TRY_ASSIGN(auto device, DeviceTable(session).by_session_hash(sha256(link)));
    if (!device || device->owner_kind != store::DeviceOwner::officer ||
        device->status != store::DeviceStatus::joining) {
        return Error{ErrorKind::not_found,
                     "the link is used or unknown here; the operator gives another (kyso officer "
                     "add)"};
    }
    if (clock_.now_ms() > device->created_at + link_ms) {
        return Error{ErrorKind::expired,
                     "the link's day is over; the operator gives another (kyso officer add)"};
    }
    if (device->thumbprint != thumbprint) {
        return Error{ErrorKind::conflict,
                     "the link belongs to another passkey; open it where that one is, or have one "
                     "made for this passkey's point"};
    }
    return *std::move(device);
}

Result<identity::NewDevice> OfficerPhones::connect(std::string_view link,
                                                   const approval::SentAssertion& assertion) {
    const auto& thumbprint = assertion.thumbprint;
    // Anybody may call this: what opens nothing costs no commit.
    TRY_ASSIGN(const auto found, database_.read([&](Session& session) {
        return invited(session, link, thumbprint);
    }));
    TRY_ASSIGN(const auto group, approvals_.group());
    const hsm::protocol::ActivationKey key{
        found.point, approval::is_backup_eligible(assertion.authenticator_data)};
    TRY(check_plan(group, key));
    TRY(approval::check_assertion(
        {thumbprint, assertion.authenticator_data, assertion.client_data_json, assertion.signature},
        key,
        group.rp_id,
        group.origin,
        hsm::protocol::officer_link_challenge(link, sha256),
        hsm::protocol::BackupPolicy::allowed));
    identity::NewDevice connected;
    connected.session = base64url(random_32());
    TRY_ASSIGN(connected.row, database_.write([&](Session& session) -> Result<store::Device> {
        TRY_ASSIGN(auto device, invited(session, link, thumbprint));
        device.status = store::DeviceStatus::active;
        device.session_hash = sha256(connected.session);
        device.last_used_at = clock_.now_ms();
        DeviceTable devices(session);
        TRY(devices.connect(device.id, device.session_hash, device.last_used_at));
        // One that is in one place only has been connected anew: nobody needs what was before.
        if (!device.backup_eligible) {
            TRY(devices.remove_others(device.thumbprint, device.id));
        }
        return device;
    }));
    return connected;
}

Result<OfficerList> OfficerPhones::all() {
    TRY_ASSIGN(auto devices, database_.read([](Session& session) {
        return DeviceTable(session).officers_kept();
    }));
    const auto group = plan();
    OfficerList list;
    list.is_plan_known = group.has_value();
    for (std::size_t i = 0; group && i < group->officers.size(); ++i) {
        if (std::ranges::find(devices, group->officers[i], &store::Device::point) ==
            devices.end()) {
            list.without_phone.push_back({group->officer_persons[i],
                                          {group->officers[i], group->officer_backup_eligible[i]}});
        }
    }
    for (auto& device : devices) {
        list.phones.push_back(looked_at(std::move(device), group));
    }
    return list;
}

Result<OfficerPhone> OfficerPhones::remove(const std::string& device_id) {
    TRY_ASSIGN(auto removed, database_.write([&](Session& session) -> Result<store::Device> {
        DeviceTable devices(session);
        TRY_ASSIGN(auto device, devices.by_id(device_id));
        if (!device || device->owner_kind != store::DeviceOwner::officer ||
            device->status == store::DeviceStatus::removed) {
            return Error{ErrorKind::not_found, "no such phone of an officer"};
        }
        TRY(devices.set_status(device_id, store::DeviceStatus::removed));
        return *std::move(device);
    }));
    return looked_at(std::move(removed), plan());
}

}  // namespace cloudsign::credential

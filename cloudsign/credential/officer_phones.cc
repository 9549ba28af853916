#include "cloudsign/credential/officer_phones.h"

#include <algorithm>

#include "cloudsign/identity/text.h"
#include "cloudsign/store/device_table.h"

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

OfficerPhone looked_at(store::Device device, const std::optional<Group>& group) {
    OfficerPhone phone;
    if (const auto place = group ? place_of(*group, device.point) : std::nullopt) {
        phone.person = group->officer_persons[*place];
    }
    phone.device = std::move(device);
    return phone;
}

Result<void> check_plan(const Group& group, const hsm::protocol::ActivationKey& key) {
    const auto place = place_of(group, key.point);
    if (!place) {
        return Error{ErrorKind::forbidden, "the modules do not know this officer"};
    }
    const bool planned = group.officer_backup_eligible[*place];
    if (planned != key.backup_eligible) {
        return Error{ErrorKind::conflict,
                     std::string("the plan of the group says backup_eligible = ") +
                         (planned ? "true" : "false") +
                         " of this passkey: the modules refuse it otherwise. If the plan is wrong, "
                         "change the group's configuration first"};
    }
    return {};
}

}  // namespace

std::optional<Group> OfficerPhones::plan() {
    auto group = approvals_.group();
    return group ? std::optional<Group>(*std::move(group)) : std::nullopt;
}

Result<identity::NewDevice> OfficerPhones::add(const std::string& name,
                                               const hsm::protocol::ActivationKey& key) {
    TRY(identity::check_name("name", name));
    TRY_ASSIGN(const auto group, approvals_.group());
    TRY(check_plan(group, key));
    auto device = identity::new_device(
        store::DeviceOwner::officer, name, name, key.point, key.backup_eligible, clock_.now_ms());
    TRY(database_.write([&](Session& session) { return DeviceTable(session).insert(device.row); }));
    return device;
}

Result<OfficerList> OfficerPhones::all() {
    TRY_ASSIGN(auto devices,
               database_.read([](Session& session) { return DeviceTable(session).officers(); }));
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

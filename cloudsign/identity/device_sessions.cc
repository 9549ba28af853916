#include "cloudsign/identity/device_sessions.h"

#include <algorithm>

#include "cloudsign/base64.h"
#include "cloudsign/identity/id.h"
#include "cloudsign/identity/text.h"
#include "cloudsign/notice/notices.h"
#include "cloudsign/random.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/device_table.h"
#include "hsm/protocol/key_blob.h"

namespace cloudsign::identity {
namespace {

using store::DeviceTable;
using store::Session;

constexpr std::size_t session_length = 43;  // base64url of 32 bytes
constexpr std::int64_t touch_after_ms = 3'600'000;

Error unknown_session() {
    return {ErrorKind::unauthenticated, "unknown session"};
}

Error no_such_device() {
    return {ErrorKind::not_found, "no such device"};
}

Result<void> tell_owner(Session& session, const Clock& clock, const store::Device& removed) {
    if (removed.owner_kind != store::DeviceOwner::signer) {
        return {};
    }
    return notice::tell(
        session, clock, removed.owner_id, store::NoticeKind::device_removed, removed.name);
}

}  // namespace

NewDevice new_device(store::DeviceOwner owner_kind,
                     const std::string& owner_id,
                     const std::string& name,
                     const hsm::protocol::Point& point,
                     bool backup_eligible,
                     std::int64_t now_ms) {
    NewDevice created;
    created.session = base64url(random_32());
    auto& row = created.row;
    row.id = new_id("dev");
    row.owner_kind = owner_kind;
    row.owner_id = owner_id;
    row.name = name;
    row.session_hash = sha256(created.session);
    row.point = point;
    row.thumbprint = hsm::protocol::thumbprint(point, sha256);
    row.backup_eligible = backup_eligible;
    row.created_at = now_ms;
    row.last_used_at = now_ms;
    return created;
}

bool DeviceSessions::is_over(const store::Device& device, std::int64_t now_ms) {
    return device.owner_kind == store::DeviceOwner::officer &&
           now_ms - device.last_used_at > officer_idle_ms;
}

Result<DeviceSessions::Pointer> DeviceSessions::authenticate(std::string_view session) {
    if (session.size() != session_length) {
        return unknown_session();
    }
    TRY_ASSIGN(auto device, database_.device_of(sha256(session)));
    if (!device || device->status != store::DeviceStatus::active) {
        return unknown_session();
    }
    const auto now = clock_.now_ms();
    if (is_over(*device, now)) {
        return Error{ErrorKind::unauthenticated,
                     "this officer's phone was not used for too long; the operator gives a new "
                     "link (kyso officer add)"};
    }
    if (now - device->last_used_at > touch_after_ms) {
        TRY(database_.write(
            [&](Session& writing) { return DeviceTable(writing).touch(device->id, now); }));
    }
    return device;
}

Result<std::vector<store::Device>> DeviceSessions::siblings(const store::Device& device) {
    return database_.read([&](Session& session) {
        return DeviceTable(session).of_owner(device.owner_kind, device.owner_id);
    });
}

Result<void> DeviceSessions::rename(const store::Device& device,
                                    const std::string& id,
                                    const std::string& name) {
    TRY(check_name("name", name));
    return database_.write([&](Session& session) -> Result<void> {
        DeviceTable devices(session);
        TRY_ASSIGN(auto all, devices.of_owner(device.owner_kind, device.owner_id));
        if (std::ranges::find(all, id, &store::Device::id) == all.end()) {
            return no_such_device();
        }
        TRY(devices.set_name(id, name));
        return {};
    });
}

Result<void> DeviceSessions::remove_sibling(const store::Device& device, const std::string& id) {
    return database_.write([&](Session& session) -> Result<void> {
        DeviceTable devices(session);
        TRY_ASSIGN(auto all, devices.of_owner(device.owner_kind, device.owner_id));
        const auto found = std::ranges::find(all, id, &store::Device::id);
        if (found == all.end()) {
            return no_such_device();
        }
        if (all.size() == 1) {
            return Error{ErrorKind::conflict, "the last device is removed at the office"};
        }
        TRY(devices.set_status(id, store::DeviceStatus::removed));
        return tell_owner(session, clock_, *found);
    });
}

Result<std::size_t> DeviceSessions::remove_all_of(const std::string& signer_id) {
    return database_.write([&](store::Session& session) -> Result<std::size_t> {
        store::DeviceTable devices(session);
        TRY_ASSIGN(auto active, devices.of_owner(store::DeviceOwner::signer, signer_id));
        for (const auto& device : active) {
            TRY(devices.set_status(device.id, store::DeviceStatus::removed));
        }
        TRY(devices.remove_joining(signer_id));
        if (!active.empty()) {
            TRY(notice::tell(session, clock_, signer_id, store::NoticeKind::devices_removed));
        }
        return active.size();
    });
}

Result<void> DeviceSessions::remove(const std::string& device_id) {
    return database_.write([&](Session& session) -> Result<void> {
        DeviceTable devices(session);
        TRY_ASSIGN(auto device, devices.by_id(device_id));
        if (!device) {
            return no_such_device();
        }
        TRY(devices.set_status(device_id, store::DeviceStatus::removed));
        return device->status == store::DeviceStatus::active ? tell_owner(session, clock_, *device)
                                                             : Result<void>();
    });
}

}  // namespace cloudsign::identity

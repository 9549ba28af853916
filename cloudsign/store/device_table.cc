#include "cloudsign/store/device_table.h"

#include "cloudsign/store/columns.h"
#include "cloudsign/store/prepared.h"
#include "cloudsign/store/push_table.h"

namespace cloudsign::store {
namespace {

struct Insert final : Statement<Nothing, Device> {
    explicit Insert(Session& session) : Statement(session, insert_sql<Device>()) {}
};
struct ById final : Statement<Device, std::string> {
    explicit ById(Session& session) : Statement(session, select_sql<Device>("WHERE id = :id")) {}
};
struct BySession final : Statement<Device, hsm::Digest> {
    explicit BySession(Session& session)
        : Statement(session, select_sql<Device>("WHERE session_hash = :session_hash")) {}
};
struct OfOwner final : Statement<Device, DeviceOwner, std::string> {
    explicit OfOwner(Session& session)
        : Statement(session,
                    select_sql<Device>("WHERE owner_kind = :owner_kind AND owner_id = :owner_id "
                                       "AND status = 'active' ORDER BY created_at, id")) {}
};
struct Officers final : Statement<Device> {
    explicit Officers(Session& session)
        : Statement(session,
                    select_sql<Device>("WHERE owner_kind = 'officer' AND status = 'active' "
                                       "ORDER BY created_at, id")) {}
};
struct OfficersKept final : Statement<Device> {
    explicit OfficersKept(Session& session)
        : Statement(session,
                    select_sql<Device>("WHERE owner_kind = 'officer' AND status <> 'removed' "
                                       "ORDER BY created_at, id")) {}
};
struct Connect final : Statement<Nothing, hsm::Digest, std::int64_t, std::string> {
    explicit Connect(Session& session)
        : Statement(session,
                    "UPDATE devices SET status = 'active', session_hash = :session_hash, "
                    "last_used_at = :used_at WHERE id = :id AND owner_kind = 'officer' "
                    "AND status = 'joining'") {}
};
struct RemoveLinks final : Statement<Nothing, hsm::Digest> {
    explicit RemoveLinks(Session& session)
        : Statement(session,
                    "UPDATE devices SET status = 'removed' WHERE owner_kind = 'officer' "
                    "AND thumbprint = :thumbprint AND status = 'joining'") {}
};
struct RemoveOthers final : Statement<Nothing, hsm::Digest, std::string> {
    explicit RemoveOthers(Session& session)
        : Statement(session,
                    "UPDATE devices SET status = 'removed' WHERE owner_kind = 'officer' "
                    "AND thumbprint = :thumbprint AND status = 'active' AND id <> :id") {}
};
struct SetStatus final : Statement<Nothing, DeviceStatus, std::string> {
    explicit SetStatus(Session& session)
        : Statement(session, "UPDATE devices SET status = :status WHERE id = :id") {}
};
struct RemoveJoining final : Statement<Nothing, std::string> {
    explicit RemoveJoining(Session& session)
        : Statement(session,
                    "UPDATE devices SET status = 'removed' WHERE owner_kind = 'signer' "
                    "AND owner_id = :owner_id AND status = 'joining'") {}
};
struct Admit final : Statement<Nothing, std::string> {
    explicit Admit(Session& session)
        : Statement(session,
                    "UPDATE devices SET status = 'active' WHERE id = :id "
                    "AND status = 'joining'") {}
};
struct SetName final : Statement<Nothing, std::string, std::string> {
    explicit SetName(Session& session)
        : Statement(session, "UPDATE devices SET name = :name WHERE id = :id") {}
};
struct Touch final : Statement<Nothing, std::int64_t, std::string> {
    explicit Touch(Session& session)
        : Statement(session, "UPDATE devices SET last_used_at = :used_at WHERE id = :id") {}
};

}  // namespace

Result<void> DeviceTable::insert(const Device& device) {
    return done(session_.prepared<Insert>().run(device));
}

Result<std::optional<Device>> DeviceTable::by_id(const std::string& id) {
    return session_.prepared<ById>().one(id);
}

Result<std::optional<Device>> DeviceTable::by_session_hash(const hsm::Digest& session_hash) {
    return session_.prepared<BySession>().one(session_hash);
}

Result<std::vector<Device>> DeviceTable::of_owner(DeviceOwner kind, const std::string& owner_id) {
    return session_.prepared<OfOwner>().all(kind, owner_id);
}

Result<std::vector<Device>> DeviceTable::officers() {
    return session_.prepared<Officers>().all();
}

Result<std::vector<Device>> DeviceTable::officers_kept() {
    return session_.prepared<OfficersKept>().all();
}

Result<bool> DeviceTable::connect(const std::string& id,
                                  const hsm::Digest& session_hash,
                                  std::int64_t used_at) {
    session_.touch(RowKind::device);
    return hit(session_.prepared<Connect>().run(session_hash, used_at, id));
}

Result<void> DeviceTable::remove_links(const hsm::Digest& thumbprint) {
    session_.touch(RowKind::device);
    return done(session_.prepared<RemoveLinks>().run(thumbprint));
}

Result<void> DeviceTable::remove_others(const hsm::Digest& thumbprint, const std::string& id) {
    session_.touch(RowKind::device);
    return done(session_.prepared<RemoveOthers>().run(thumbprint, id));
}

Result<bool> DeviceTable::set_status(const std::string& id, DeviceStatus status) {
    session_.touch(RowKind::device);
    if (status == DeviceStatus::removed) {
        TRY(PushTable(session_).erase(id));
    }
    return hit(session_.prepared<SetStatus>().run(status, id));
}

Result<void> DeviceTable::remove_joining(const std::string& signer_id) {
    session_.touch(RowKind::device);
    return done(session_.prepared<RemoveJoining>().run(signer_id));
}

Result<bool> DeviceTable::admit(const std::string& id) {
    session_.touch(RowKind::device);
    return hit(session_.prepared<Admit>().run(id));
}

Result<bool> DeviceTable::set_name(const std::string& id, const std::string& name) {
    session_.touch(RowKind::device);
    return hit(session_.prepared<SetName>().run(name, id));
}

Result<bool> DeviceTable::touch(const std::string& id, std::int64_t used_at) {
    session_.touch(RowKind::device);
    return hit(session_.prepared<Touch>().run(used_at, id));
}

}  // namespace cloudsign::store

#include "cloudsign/identity/device_sessions.h"

#include <algorithm>

#include "cloudsign/sha256.h"
#include "cloudsign/store/device_table.h"
#include "tests/unit/cloudsign/identity/registry_fixture.h"

namespace cloudsign::identity {
namespace {

class DeviceSessionsTest : public RegistryTest {
protected:
    NewDevice add(const std::string& owner) {
        hsm::protocol::Point point{};
        point.fill(4);
        auto created = new_device(
            store::DeviceOwner::signer, owner, "Điện thoại", point, true, clock_.now_ms());
        EXPECT_TRUE(database_->write([&](store::Session& session) {
            return store::DeviceTable(session).insert(created.row);
        }));
        return created;
    }

    std::optional<store::Device> stored(const std::string& id) {
        return *database_->read(
            [&](store::Session& session) { return store::DeviceTable(session).by_id(id); });
    }
};

TEST_F(DeviceSessionsTest, KnowsADeviceByItsSession) {
    DeviceSessions sessions(*database_, clock_);
    const auto phone = add("a");
    const auto other = add("b");

    for (int i = 0; i < 3; ++i) {
        const auto device = sessions.authenticate(phone.session);
        ASSERT_TRUE(device.has_value());
        EXPECT_EQ(device->get()->id, phone.row.id);
    }
    EXPECT_EQ(sessions.authenticate(other.session)->get()->owner_id, "b");
    EXPECT_NE(phone.session, other.session);
    EXPECT_EQ(phone.row.session_hash, sha256(phone.session));
}

TEST_F(DeviceSessionsTest, NamesOnlyThePersonsOwnDevices) {
    DeviceSessions sessions(*database_, clock_);
    const auto phone = add("a");
    const auto tablet = add("a");
    const auto other = add("b");

    EXPECT_TRUE(sessions.rename(phone.row, tablet.row.id, "Máy tính bảng").has_value());
    const auto foreign = sessions.rename(phone.row, other.row.id, "x");
    const auto malformed = sessions.rename(phone.row, tablet.row.id, "a\nb");

    EXPECT_EQ(stored(tablet.row.id)->name, "Máy tính bảng");
    ASSERT_FALSE(foreign);
    EXPECT_EQ(foreign.error().kind, ErrorKind::not_found);
    ASSERT_FALSE(malformed);
    EXPECT_EQ(malformed.error().kind, ErrorKind::invalid);
    EXPECT_EQ(sessions.siblings(phone.row)->size(), 2u);
}

TEST_F(DeviceSessionsTest, RemovesADeviceOfThePersonButNotTheLast) {
    DeviceSessions sessions(*database_, clock_);
    const auto phone = add("a");
    const auto tablet = add("a");
    const auto other = add("b");

    const auto foreign = sessions.remove_sibling(phone.row, other.row.id);
    EXPECT_TRUE(sessions.remove_sibling(phone.row, tablet.row.id).has_value());
    const auto last = sessions.remove_sibling(phone.row, phone.row.id);

    ASSERT_FALSE(foreign);
    EXPECT_EQ(foreign.error().kind, ErrorKind::not_found);
    ASSERT_FALSE(last);
    EXPECT_EQ(last.error().kind, ErrorKind::conflict);
    EXPECT_FALSE(sessions.authenticate(tablet.session));
    EXPECT_TRUE(sessions.authenticate(phone.session));
    EXPECT_TRUE(sessions.authenticate(other.session));
}

TEST_F(DeviceSessionsTest, RefusesWhatIsNoSession) {
    DeviceSessions sessions(*database_, clock_);
    const auto phone = add("a");

    auto changed = phone.session;
    changed[0] = changed[0] == 'A' ? 'B' : 'A';
    for (const auto& wrong : {std::string(),
                              changed,
                              phone.session + "A",
                              phone.session.substr(1),
                              std::string(100000, 'A')}) {
        const auto device = sessions.authenticate(wrong);
        ASSERT_FALSE(device.has_value());
        EXPECT_EQ(device.error().kind, ErrorKind::unauthenticated);
    }
}

TEST_F(DeviceSessionsTest, EndsTheSessionOfARemovedDeviceAtOnce) {
    DeviceSessions sessions(*database_, clock_);
    const auto phone = add("a");
    ASSERT_TRUE(sessions.authenticate(phone.session).has_value());

    ASSERT_TRUE(sessions.remove(phone.row.id));

    EXPECT_FALSE(sessions.authenticate(phone.session).has_value());
    EXPECT_EQ(sessions.remove("dev_unknown").error().kind, ErrorKind::not_found);
}

TEST_F(DeviceSessionsTest, NotesNowAndThenThatTheDeviceIsUsed) {
    DeviceSessions sessions(*database_, clock_);
    const auto phone = add("a");
    const auto enrolled = clock_.now_ms();

    clock_.advance(1000);
    ASSERT_TRUE(sessions.authenticate(phone.session).has_value());
    EXPECT_EQ(stored(phone.row.id)->last_used_at, enrolled);
    clock_.advance(2 * 3'600'000);
    ASSERT_TRUE(sessions.authenticate(phone.session).has_value());
    EXPECT_EQ(stored(phone.row.id)->last_used_at, clock_.now_ms());
}

}  // namespace
}  // namespace cloudsign::identity

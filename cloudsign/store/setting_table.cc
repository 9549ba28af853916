#include "cloudsign/store/setting_table.h"

#include "cloudsign/store/prepared.h"

namespace cloudsign::store {
namespace {

struct Get final : Statement<std::string, std::string> {
    explicit Get(Session& session)
        : Statement(session, "SELECT value FROM settings WHERE name = :name") {}
};
struct Put final : Statement<Nothing, std::string, std::string> {
    explicit Put(Session& session)
        : Statement(session,
                    "INSERT INTO settings (name, value) VALUES (:name, :value) "
                    "ON CONFLICT (name) DO UPDATE SET value = excluded.value") {}
};

}  // namespace

Result<std::optional<std::string>> SettingTable::get(const std::string& name) {
    return session_.prepared<Get>().one(name);
}

Result<void> SettingTable::put(const std::string& name, const std::string& value) {
    return done(session_.prepared<Put>().run(name, value));
}

}  // namespace cloudsign::store

#include "cloudsign/store/migration.h"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "cloudsign/store/database.h"
#include "cloudsign/store/setting_table.h"
#include "cloudsign/store/sqlite.h"
#include "tests/unit/cloudsign/store/scratch.h"

namespace cloudsign::store {
namespace {

constexpr Migration steps[] = {
    {1, "0001_first", "CREATE TABLE a (x TEXT); -- with; a comment\nINSERT INTO a VALUES (';--');"},
    {2, "0002_second", "ALTER TABLE a ADD COLUMN y TEXT;\n"},
    {3, "0003_broken", "CREATE TABLE b (x TEXT); CREATE TABLE a (x TEXT);"}};

std::unique_ptr<Session> open_session(const std::filesystem::path& path) {
    auto session = open_sqlite(path, SessionUse::writing, {});
    EXPECT_TRUE(session.has_value());
    return session ? *std::move(session) : nullptr;
}

int count(Session& session, const std::string& query) {
    int rows = 0;
    session.sql() << query, soci::into(rows);
    return rows;
}

TEST(Migration, SplitsAScriptAtItsSemicolons) {
    const auto statements = statements_of(steps[0].sql);

    ASSERT_EQ(statements.size(), 2u);
    EXPECT_EQ(statements[0], "CREATE TABLE a (x TEXT)");
    EXPECT_EQ(statements[1], "INSERT INTO a VALUES (';--')");
}

TEST(Migration, AppliesEachStepOnce) {
    const ScratchFolder folder;
    const auto session = open_session(folder.file("a.db"));

    ASSERT_TRUE(migrate(*session, std::span(steps).first(1), begin_write_sql));
    ASSERT_TRUE(migrate(*session, std::span(steps).first(2), begin_write_sql));
    ASSERT_TRUE(migrate(*session, std::span(steps).first(2), begin_write_sql));

    EXPECT_EQ(count(*session, "SELECT COUNT(*) FROM a WHERE x = ';--' AND y IS NULL"), 1);
    EXPECT_EQ(count(*session, "SELECT COUNT(*) FROM schema_version"), 2);
}

TEST(Migration, LeavesNothingOfAStepThatFails) {
    const ScratchFolder folder;
    {
        const auto session = open_session(folder.file("a.db"));
        ASSERT_FALSE(migrate(*session, steps, begin_write_sql));
    }

    const auto session = open_session(folder.file("a.db"));
    EXPECT_EQ(count(*session, "SELECT COUNT(*) FROM schema_version"), 2);
    EXPECT_EQ(count(*session, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'b'"), 0);
}

TEST(Migration, KeepsSignInsOfBeforeTheOfficeHadSome) {
    constexpr int office = 17;
    const ScratchFolder folder;
    const auto session = open_session(folder.file("a.db"));
    const auto all = migrations();
    ASSERT_TRUE(migrate(*session, all.first(office - 1), begin_write_sql));
    auto& sql = session->sql();
    sql << "INSERT INTO signers (id, name, subject, language, status, created_at) "
           "VALUES ('an', 'An', 'CN=An', 'vi', 'active', 1)";
    sql << "INSERT INTO login_passkeys VALUES ('h', 'i', 'an', 'Máy', 'p', 1, 5, 2, 3)";
    sql << "INSERT INTO login_invitations VALUES ('t', 'an', NULL, 9, NULL)";
    sql << "INSERT INTO login_sessions VALUES ('s', 'an', 4, 8)";

    ASSERT_TRUE(migrate(*session, all, begin_write_sql));

    EXPECT_EQ(count(*session,
                    "SELECT COUNT(*) FROM login_passkeys WHERE site = 'login' AND owner_id = 'an' "
                    "AND credential_id = 'i' AND sign_count = 5 AND last_used_at = 3"),
              1);
    EXPECT_EQ(count(*session,
                    "SELECT COUNT(*) FROM login_invitations WHERE site = 'login' AND "
                    "owner_id = 'an' AND challenge IS NULL AND expires_at = 9 AND used_at IS NULL"),
              1);
    EXPECT_EQ(count(*session,
                    "SELECT COUNT(*) FROM login_sessions WHERE site = 'login' AND owner_id = 'an' "
                    "AND signed_in_at = 4 AND seen_at = 4 AND expires_at = 8"),
              1);
}

TEST(Migration, KnowsTheLifeOfCertificatesOfBefore) {
    constexpr int life = 20;
    const ScratchFolder folder;
    const auto session = open_session(folder.file("a.db"));
    const auto all = migrations();
    ASSERT_TRUE(migrate(*session, all.first(life - 1), begin_write_sql));
    auto& sql = session->sql();
    // What is bound has to live until the whole statement is over.
    const auto add = [&](const std::string& id,
                         const std::string& owner,
                         const std::string& status,
                         int reason) {
        const auto serial = "S-" + id;
        sql << "INSERT INTO credentials (id, owner_kind, key_type, status, description, version, "
               "certificate, issuer_id, serial_number, valid_from, valid_to, created_at) VALUES "
               "(:id, :owner, 1, 'enabled', '', 1, 'AA', 'ca', :serial, 100, 900, 50)",
            soci::use(id), soci::use(owner), soci::use(serial);
        sql << "INSERT INTO certificates VALUES (:serial, 'ca', :id, 'AA', 900, :status, :reason, "
               "300)",
            soci::use(serial), soci::use(id), soci::use(status), soci::use(reason);
    };
    add("ca", "issuer", "good", 0);
    add("an", "signer", "revoked", 1);
    add("binh", "signer", "revoked", 6);
    add("ocsp", "ocsp", "good", 0);

    ASSERT_TRUE(migrate(*session, all, begin_write_sql));

    EXPECT_EQ(count(*session, "SELECT COUNT(*) FROM credentials WHERE profile = 'root'"), 1);
    EXPECT_EQ(count(*session, "SELECT COUNT(*) FROM credentials WHERE profile = 'person'"), 2);
    EXPECT_EQ(count(*session, "SELECT COUNT(*) FROM credentials WHERE profile = 'ocsp'"), 1);
    const std::string events = "SELECT COUNT(*) FROM certificate_events WHERE ";
    EXPECT_EQ(count(*session, events + "number = 1 AND kind = 'issued' AND at = 100"), 4);
    EXPECT_EQ(count(*session,
                    events + "serial_number = 'S-an' AND number = 2 AND "
                             "kind = 'revoked' AND reason = 1 AND at = 300"),
              1);
    EXPECT_EQ(count(*session,
                    events + "serial_number = 'S-binh' AND number = 2 AND "
                             "kind = 'suspended' AND reason = 0 AND at = 300"),
              1);
    EXPECT_EQ(count(*session, events + "number > 1"), 2);
}

TEST(Migration, RefusesANewerSchemaAndSaysSo) {
    const ScratchFolder folder;
    const auto path = folder.file("kyso.db");
    ASSERT_TRUE(Database::open(path).has_value());
    open_session(path)->sql()
        << "INSERT INTO schema_version (version, name, applied_at) VALUES (999, 'later', 0)";

    const auto opened = Database::open(path);

    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().kind, ErrorKind::conflict);
    EXPECT_NE(opened.error().detail.find("schema 999"), std::string::npos);
}

TEST(Database, KeepsItsRowsWhenItIsOpenedAgain) {
    const ScratchFolder folder;
    const auto path = folder.file("kyso.db");
    {
        auto database = Database::open(path);
        ASSERT_TRUE(database.has_value());
        ASSERT_TRUE((*database)->write(
            [](Session& session) { return SettingTable(session).put("name", "value"); }));
    }

    auto database = Database::open(path);

    ASSERT_TRUE(database.has_value());
    const auto value =
        (*database)->read([](Session& session) { return SettingTable(session).get("name"); });
    ASSERT_TRUE(value.has_value());
    EXPECT_EQ(*value, "value");
}

TEST(Database, MakesAFileThatOnlyItsOwnerReads) {
    const ScratchFolder folder;
    const auto path = folder.file("kyso.db");
    const auto database = Database::open(path);
    ASSERT_TRUE(database.has_value());

    for (const auto* suffix : {"", "-wal", "-shm"}) {
        struct stat status {};
        ASSERT_EQ(::stat((path.string() + suffix).c_str(), &status), 0) << suffix;
        EXPECT_EQ(status.st_mode & 0777u, 0600u) << suffix;
    }
}

TEST(Database, SaysWhichFileItCannotOpen) {
    const ScratchFolder folder;

    const auto missing = Database::open(folder.file("no/such/folder.db"));
    const auto quoted = Database::open(folder.file("a\"b.db"));

    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().kind, ErrorKind::unavailable);
    EXPECT_NE(missing.error().detail.find("no/such/folder.db"), std::string::npos);
    EXPECT_FALSE(quoted.has_value());
    EXPECT_TRUE(Database::open(folder.file("with two  spaces = and equals.db")).has_value());
    EXPECT_TRUE(std::filesystem::exists(folder.file("with two  spaces = and equals.db")));
}

TEST(Database, RefusesAFileThatIsNoDatabase) {
    const ScratchFolder folder;
    const auto path = folder.file("kyso.db");
    FILE* file = std::fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr);
    for (int i = 0; i < 1000; ++i) {
        std::fputs("this is no database ", file);
    }
    std::fclose(file);

    EXPECT_FALSE(Database::open(path).has_value());
}

}  // namespace
}  // namespace cloudsign::store

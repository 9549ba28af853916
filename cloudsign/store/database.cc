#include "cloudsign/store/database.h"

#include "cloudsign/store/client_table.h"
#include "cloudsign/store/credential_table.h"
#include "cloudsign/store/device_table.h"
#include "cloudsign/store/memory.h"
#include "cloudsign/store/migration.h"
#include "cloudsign/store/readers.h"
#include "cloudsign/store/signer_table.h"
#include "cloudsign/store/sqlite.h"
#include "cloudsign/store/writer.h"

namespace cloudsign::store {

Database::Database(const DatabaseOptions& options)
    : memory_(std::make_unique<Memory>(options.remember)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& path,
                                                 const DatabaseOptions& options) {
    CHECK(options.readers > 0 && options.group_max > 0);
    TRY_ASSIGN(auto writing, open_sqlite(path, SessionUse::writing, options.on_fault));
    TRY(migrate(*writing, migrations(), begin_write_sql));
    TRY_ASSIGN(auto checkpointing, open_sqlite(path, SessionUse::checkpointing, options.on_fault));
    std::vector<std::unique_ptr<Session>> reading;
    for (unsigned i = 0; i < options.readers; ++i) {
        TRY_ASSIGN(auto session, open_sqlite(path, SessionUse::reading, options.on_fault));
        reading.push_back(std::move(session));
    }
    std::unique_ptr<Database> database(new Database(options));
    database->readers_ = std::make_unique<Readers>(std::move(reading));
    database->writer_ = std::make_unique<Writer>(std::move(writing),
                                                 std::move(checkpointing),
                                                 *database->memory_,
                                                 *database->readers_,
                                                 options);
    return database;
}

Result<void> Database::run_write(Job job) {
    return writer_->run(job);
}

Result<void> Database::run_read(Job job) {
    return readers_->run(job);
}

Result<std::shared_ptr<const Client>> Database::client(const std::string& id) {
    return memory_->clients.find(
        id, [&] { return read([&](Session& session) { return ClientTable(session).by_id(id); }); });
}

Result<std::shared_ptr<const Signer>> Database::signer(const std::string& id) {
    return memory_->signers.find(
        id, [&] { return read([&](Session& session) { return SignerTable(session).by_id(id); }); });
}

Result<std::shared_ptr<const Credential>> Database::credential(const std::string& id) {
    return memory_->credentials.find(id, [&] {
        return read([&](Session& session) { return CredentialTable(session).by_id(id); });
    });
}

Result<std::shared_ptr<const Device>> Database::device_of(const hsm::Digest& session_hash) {
    return memory_->devices.find(session_hash, [&] {
        return read(
            [&](Session& session) { return DeviceTable(session).by_session_hash(session_hash); });
    });
}

void Database::on_touched(RowKind kind, std::function<void()> callback) {
    memory_->on_touched(kind, std::move(callback));
}

DatabaseCounters Database::counters() const {
    return writer_->counters();
}

}  // namespace cloudsign::store

#include "cloudsign/store/signing_job_table.h"

#include "cloudsign/store/prepared.h"

namespace cloudsign::store {
namespace {

struct Insert final : Statement<Nothing, std::string> {
    explicit Insert(Session& session)
        : Statement(session, "INSERT INTO signing_jobs (transaction_id) VALUES (:id)") {}
};
struct All final : Statement<std::string> {
    explicit All(Session& session)
        : Statement(session, "SELECT transaction_id FROM signing_jobs ORDER BY transaction_id") {}
};
struct Erase final : Statement<Nothing, std::string> {
    explicit Erase(Session& session)
        : Statement(session, "DELETE FROM signing_jobs WHERE transaction_id = :id") {}
};

}  // namespace

Result<void> SigningJobTable::insert(const std::string& transaction_id) {
    return done(session_.prepared<Insert>().run(transaction_id));
}

Result<std::vector<std::string>> SigningJobTable::all() {
    return session_.prepared<All>().all();
}

Result<void> SigningJobTable::erase(const std::string& transaction_id) {
    return done(session_.prepared<Erase>().run(transaction_id));
}

}  // namespace cloudsign::store

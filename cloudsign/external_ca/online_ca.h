#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cloudsign/external_ca/ca_connector.h"
#include "cloudsign/external_ca/external_ca.h"
#include "cloudsign/retry_schedule.h"

namespace cloudsign::external_ca {

// What is to be asked: a certificate, or that one be revoked.
using Task = std::variant<store::CertificationRequest, store::ExternalRevocation>;
// Unique among tasks.
std::string key_of(const Task& task);

// What came of one attempt: the task's row as it is to be from now on.
struct Attempt {
    Task task;
    bool cut_short = false;  // the server stops: the fault is its own
};

// Asks the authority outside over its connector for what ExternalCa has had people approve, and
// tells it what is revoked. What due() answers is attempted once, one after the other, and
// recorded. An authority that cannot be reached is asked again by `schedule`, one that wants time
// when it says; after `schedule.give_up_ms` nobody is asked any more.
class OnlineCa {
public:
    OnlineCa(store::Database& database,
             const Clock& clock,
             ExternalCa& outside,
             CaConnector& connector,
             const RetrySchedule& schedule);

    Result<std::vector<Task>> due(std::uint32_t limit);
    Result<std::optional<std::int64_t>> next_due();

    Attempt attempt(const Task& task);
    Result<void> record(const Attempt& attempt);

private:
    Result<CertificateQuestion> question_of(const store::CertificationRequest& request);
    store::CertificationRequest ask(store::CertificationRequest request);
    store::ExternalRevocation tell(store::ExternalRevocation revocation);
    template <class Row>
    void put_off(Row& row, std::string why, std::int64_t wait_ms);

    store::Database& database_;
    const Clock& clock_;
    ExternalCa& outside_;
    CaConnector& connector_;
    const RetrySchedule schedule_;
};

}  // namespace cloudsign::external_ca

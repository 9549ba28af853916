#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/notice_table.h"

namespace cloudsign::notice {

// Tells the person by mail, where they have an address. In the commit of what it tells of: call
// within Database::write. `about` stands in the mail: a phone's name, a certificate's subject.
Result<void> tell(store::Session& session,
                  const Clock& clock,
                  const std::string& signer_id,
                  store::NoticeKind kind,
                  const std::string& about = "");

struct Attempt {
    std::string notice_id;
    unsigned status = 0;    // RFC 5321 §4.2; 0: no answer
    std::string fault;      // one sentence; empty: the mail server has it
    bool hopeless = false;  // it was refused for good
};

// The outbox of mail and its log. A notice is tried for three days, as mail servers do among
// themselves (RFC 5321 §4.5.4.1), whether or not a mail server was configured meanwhile. Any
// thread.
class Notices {
public:
    Notices(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

    // A mail that tells of nothing, for the operator. `invalid` for what is no address.
    Result<store::Notice> insert_trial(const std::string& address, const std::string& language);

    // What may be sent now; what has waited too long fails on the way.
    Result<std::vector<store::Notice>> due(std::uint32_t limit);
    Result<std::optional<std::int64_t>> next_due();
    // One commit for all.
    Result<void> record(const std::vector<Attempt>& attempts);

    // The delivery log, newest first.
    Result<std::vector<store::Notice>> log(const std::string& before_id, std::uint32_t limit);
    // `not_found`.
    Result<store::Notice> find(const std::string& id);

private:
    store::Database& database_;
    const Clock& clock_;
};

}  // namespace cloudsign::notice

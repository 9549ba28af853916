#pragma once

#include <string>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/evidence/pdf_judgement.h"
#include "cloudsign/stock_bounds.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/preparation_table.h"

namespace cloudsign::preparation {

// The bounds are of everything that is kept, finished or not.
struct Rules : StockBounds {
    // How long a prepared document waits to be finished, and once it is, to be answered again in
    // case the answer was lost.
    std::int64_t keep_ms = 24ll * 60 * 60 * 1000;
    std::int64_t keep_finished_ms = 10 * 60 * 1000;
};

// A document that is ready to be signed.
struct Prepared {
    std::string client_id;
    std::string credential_id;
    store::PreparationForm form = store::PreparationForm::pdf;
    evidence::Level level = evidence::Level::b;  // that is wanted
    hsm::protocol::Algorithm algorithm;
    Bytes hash;           // of the attributes: what the signer approves
    Bytes attributes;     // of a PDF's CMS, or an XML's SignedInfo
    Bytes document;       // with the place for its signature
    std::size_t cut = 0;  // of an XML: where the signature's value goes
    Bytes leaf;           // the signer's certificate that the attributes name
};

// What documents/finish has answered.
struct Finished {
    Bytes document;
    std::string answer;  // what else it said, as JSON
};

// Documents between documents/prepare and documents/finish. What keep() and finish() have answered
// for is durable. Any thread.
class Preparations {
public:
    Preparations(store::Database& database, const Clock& clock, const Rules& rules)
        : database_(database), clock_(clock), rules_(rules) {}

    // `busy` when there are as many, or as many bytes, as may be, in all or of one client.
    Result<store::Preparation> keep(const Prepared& prepared);

    // `not_found` also for one whose time is over.
    Result<store::Preparation> find(const std::string& id);
    // `not_found` when it has gone meanwhile.
    Result<store::PreparationFile> file(const std::string& id);
    // From now on this is what the id stands for, for `keep_finished_ms`; answers it. Of one that
    // was finished before it answers what was kept then. `not_found`.
    Result<Finished> finish(const std::string& id, const Finished& finished);

    // Nobody will finish it. `not_found`, also for one that is finished: what was answered for it
    // may be asked for again.
    Result<void> discard(const std::string& id);

    Result<store::PreparationStock> stock();
    // Erases what was kept for long enough.
    Result<void> sweep();

private:
    store::Database& database_;
    const Clock& clock_;
    const Rules rules_;
};

}  // namespace cloudsign::preparation

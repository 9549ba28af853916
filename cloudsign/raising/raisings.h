#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/evidence/pdf_judgement.h"
#include "cloudsign/retry_schedule.h"
#include "cloudsign/stock_bounds.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/raising_table.h"

namespace cloudsign::raising {

using evidence::Level;

// The bounds are of everything that is kept, whatever its state: an outage of one client's
// documents leaves room for the others.
struct Rules : StockBounds {
    RetrySchedule schedule{60 * 1000, 60 * 60 * 1000, 7ll * 24 * 60 * 60 * 1000};
    // A document that is done or given up is there for its client for so long, and once it was
    // fetched for so long, in case the answer was lost.
    std::int64_t keep_ms = 7ll * 24 * 60 * 60 * 1000;
    std::int64_t keep_fetched_ms = 60 * 60 * 1000;
};

// What stands for an id in logs and lists: enough to tell documents apart, too little to fetch one.
inline std::string_view brief_id(std::string_view id) {
    constexpr std::size_t size = 12;
    return id.substr(0, size);
}

// A signed document that has missed its level.
struct Missed {
    std::string client_id;
    std::string signer_id;
    std::string credential_id;
    std::string transaction_id;
    std::uint32_t position = 0;  // of the signature in its transaction
    store::RaisingForm form = store::RaisingForm::pdf;
    Level target = Level::t;
    Level reached = Level::b;
    std::string fault;
    Bytes document;
    Bytes anchor;  // the certificate that the signer's chain ends in
};

// What came of one attempt to raise a document.
struct Attempt {
    std::string raising_id;
    Level reached = Level::b;
    Bytes document;          // read where `reached` is more than before
    std::string fault;       // why it is no more; empty: it is at its target
    bool hopeless = false;   // nothing will ever come of it
    bool cut_short = false;  // the server stops: the fault is its own
    // This server had no room for it at that moment, so nobody was asked: `fault` says where.
    bool found_busy = false;
};

// A document, and its row as it was at that moment.
struct Taken {
    store::Raising raising;
    Bytes document;
};

// The queue of documents that missed the level that was asked for since an authority failed. What
// keep() has answered for is durable; whoever raises (server/app/document_raiser.h) asks for what
// is due and says what came of it. Any thread.
class Raisings {
public:
    Raisings(store::Database& database, const Clock& clock, const Rules& rules)
        : database_(database), clock_(clock), rules_(rules) {}

    // Called, from any thread, when the time at which something falls due has changed.
    void on_due(std::function<void()> callback) { on_due_ = std::move(callback); }

    // Of the same signature and target it answers the one that is there. `busy` when there are as
    // many, or as many bytes, as may be, in all or of one client: nothing is kept.
    Result<store::Raising> keep(const Missed& missed);

    // What may be tried now.
    Result<std::vector<store::Raising>> due(std::uint32_t limit);
    Result<std::optional<std::int64_t>> next_due();
    // `not_found` when it has gone meanwhile.
    Result<store::RaisingFile> file(const std::string& id);
    // A level once reached is never given away. Neither what was cut short nor what found this
    // server busy counts against the document. Answers the row as it is now, or nothing when it is
    // no longer being raised or nothing has changed.
    Result<std::optional<store::Raising>> record(const Attempt& attempt);

    // `not_found`.
    Result<store::Raising> find(const std::string& id);
    // The document of what is done or given up; from now on it is kept for `keep_fetched_ms`.
    // `not_found`.
    Result<Taken> fetch(const std::string& id);
    // The document as far as it is, whatever its state; it is kept as before. `not_found`.
    Result<Taken> preview(const std::string& id);

    // Oldest first; `after_id` ends the page before, or is empty. `not_found` when it has gone.
    Result<std::vector<store::Raising>> page(const std::string& after_id, std::uint32_t limit);
    Result<store::RaisingStock> stock();
    // An operator knows that the authority is back: everything is due now; how many.
    Result<std::int64_t> bring_forward();
    // Erases what was kept for long enough.
    Result<void> sweep();

private:
    Result<void> settle(store::RaisingTable& table,
                        store::Raising& raising,
                        const Attempt& attempt) const;

    store::Database& database_;
    const Clock& clock_;
    const Rules rules_;
    std::function<void()> on_due_;
};

}  // namespace cloudsign::raising

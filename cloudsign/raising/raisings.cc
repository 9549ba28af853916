#include "cloudsign/raising/raisings.h"

#include <algorithm>

#include "cloudsign/base64.h"
#include "cloudsign/fault_text.h"
#include "cloudsign/random.h"

namespace cloudsign::raising {

using store::Raising;
using store::RaisingFile;
using store::RaisingState;
using store::RaisingTable;
using store::Session;

namespace {

constexpr std::size_t fault_size_max = 255;

Error no_such() {
    return {ErrorKind::not_found, "no such document"};
}

Raising new_row(const Missed& missed, std::int64_t now, const Rules& rules) {
    Raising row;
    row.id = "doc_" + base64url(random_32());
    row.client_id = missed.client_id;
    row.signer_id = missed.signer_id;
    row.credential_id = missed.credential_id;
    row.transaction_id = missed.transaction_id;
    row.position = missed.position;
    row.form = missed.form;
    row.target = evidence::level_name(missed.target);
    row.reached = evidence::level_name(missed.reached);
    row.fault = fault_text(missed.fault, fault_size_max);
    row.size = static_cast<std::int64_t>(missed.document.size());
    row.created_at = now;
    row.next_at = now + wait_before_retry(rules.schedule, 1);
    return row;
}

}  // namespace

// Who has lost the answer calls signDoc again and gets the same signature.
Result<Raising> Raisings::keep(const Missed& missed) {
    auto row = new_row(missed, clock_.now_ms(), rules_);
    auto kept = database_.write([&](Session& session) -> Result<Raising> {
        RaisingTable table(session);
        TRY_ASSIGN(const auto before, table.of_signature(row.transaction_id, row.position));
        for (const auto& one : before) {
            if (one.target == row.target && one.form == row.form &&
                one.state != RaisingState::given_up) {
                return one;
            }
        }
        TRY_ASSIGN(const auto all, table.stock());
        TRY_ASSIGN(const auto own, table.stock_of(row.client_id));
        TRY(check_room(rules_,
                       {all.documents, all.bytes},
                       {own.documents, own.bytes},
                       row.size,
                       "documents are being raised"));
        TRY(table.insert(row, {row.id, missed.document, missed.anchor}));
        return row;
    });
    if (kept && on_due_) {
        on_due_();
    }
    return kept;
}

Result<std::vector<Raising>> Raisings::due(std::uint32_t limit) {
    const auto now = clock_.now_ms();
    return database_.read([&](Session& session) { return RaisingTable(session).due(now, limit); });
}

Result<std::optional<std::int64_t>> Raisings::next_due() {
    return database_.read([](Session& session) { return RaisingTable(session).next_due(); });
}

Result<RaisingFile> Raisings::file(const std::string& id) {
    TRY_ASSIGN(auto found,
               database_.read([&](Session& session) { return RaisingTable(session).file(id); }));
    if (!found) {
        return no_such();
    }
    return *std::move(found);
}

Result<void> Raisings::settle(RaisingTable& table, Raising& row, const Attempt& attempt) const {
    const auto now = clock_.now_ms();
    const auto before = evidence::level_named(row.reached);
    if (before && attempt.reached > *before) {
        row.reached = evidence::level_name(attempt.reached);
        row.size = static_cast<std::int64_t>(attempt.document.size());
        TRY(table.replace_document(row.id, attempt.document));
    }
    const bool counts = !attempt.cut_short && !attempt.found_busy;
    row.next_at = attempt.cut_short ? now : now + wait_before_retry(rules_.schedule, 1);
    if (counts) {
        row.fault = fault_text(attempt.fault, fault_size_max);
        ++row.attempts;
        // The first wait came before the first attempt.
        row.next_at = now + wait_before_retry(rules_.schedule, row.attempts + 1);
    }
    const auto target = evidence::level_named(row.target);
    const bool is_there = target && evidence::level_named(row.reached) >= target;
    if (is_there) {
        row.state = RaisingState::done;
        row.fault.clear();
    } else if (counts &&
               (attempt.hopeless || row.next_at > row.created_at + rules_.schedule.give_up_ms)) {
        row.state = RaisingState::given_up;
    }
    if (row.state != RaisingState::raising) {
        row.done_at = now;
        row.keep_until = now + rules_.keep_ms;
    }
    TRY(table.update(row));
    return {};
}

Result<std::optional<Raising>> Raisings::record(const Attempt& attempt) {
    return database_.write([&](Session& session) -> Result<std::optional<Raising>> {
        RaisingTable table(session);
        TRY_ASSIGN(auto row, table.by_id(attempt.raising_id));
        if (!row || row->state != RaisingState::raising) {
            return std::optional<Raising>();
        }
        const auto before = row->reached;
        TRY(settle(table, *row, attempt));
        const bool is_idle = attempt.cut_short || attempt.found_busy;
        return is_idle && row->reached == before ? std::optional<Raising>() : row;
    });
}

Result<Raising> Raisings::find(const std::string& id) {
    TRY_ASSIGN(auto found,
               database_.read([&](Session& session) { return RaisingTable(session).by_id(id); }));
    if (!found) {
        return no_such();
    }
    return *std::move(found);
}

Result<Taken> Raisings::fetch(const std::string& id) {
    const auto until = clock_.now_ms() + rules_.keep_fetched_ms;
    return database_.write([&](Session& session) -> Result<Taken> {
        RaisingTable table(session);
        TRY_ASSIGN(auto row, table.by_id(id));
        TRY_ASSIGN(auto file, table.file(id));
        if (!row || !file || !row->keep_until) {
            return no_such();
        }
        if (until < *row->keep_until) {
            row->keep_until = until;
            TRY(table.update(*row));
        }
        return Taken{*std::move(row), std::move(file->document)};
    });
}

Result<Taken> Raisings::preview(const std::string& id) {
    return database_.read([&](Session& session) -> Result<Taken> {
        RaisingTable table(session);
        TRY_ASSIGN(auto row, table.by_id(id));
        TRY_ASSIGN(auto file, table.file(id));
        if (!row || !file) {
            return no_such();
        }
        return Taken{*std::move(row), std::move(file->document)};
    });
}

Result<std::vector<Raising>> Raisings::page(const std::string& after_id, std::uint32_t limit) {
    return database_.read([&](Session& session) -> Result<std::vector<Raising>> {
        RaisingTable table(session);
        TRY_ASSIGN(const auto last, table.by_id(after_id));
        if (!last && !after_id.empty()) {
            return no_such();
        }
        return table.page(last ? last->created_at : 0, after_id, limit);
    });
}

Result<store::RaisingStock> Raisings::stock() {
    return database_.read([](Session& session) { return RaisingTable(session).stock(); });
}

Result<std::int64_t> Raisings::bring_forward() {
    auto brought = database_.write(
        [&](Session& session) { return RaisingTable(session).bring_forward(clock_.now_ms()); });
    if (brought && on_due_) {
        on_due_();
    }
    return brought;
}

Result<void> Raisings::sweep() {
    const auto now = clock_.now_ms();
    TRY_ASSIGN(const auto stock, this->stock());
    if (stock.documents == 0) {
        return {};  // no commit for nothing
    }
    return database_.write(
        [&](Session& session) { return RaisingTable(session).erase_until(now); });
}

}  // namespace cloudsign::raising

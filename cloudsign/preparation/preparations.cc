#include "cloudsign/preparation/preparations.h"

#include "cloudsign/base64.h"
#include "cloudsign/random.h"

namespace cloudsign::preparation {

using store::Preparation;
using store::PreparationFile;
using store::PreparationTable;
using store::Session;

namespace {

Error no_such() {
    return {ErrorKind::not_found, "no such document"};
}

Preparation new_row(const Prepared& prepared, std::int64_t now, const Rules& rules) {
    Preparation row;
    row.id = "prep_" + base64url(random_32());
    row.client_id = prepared.client_id;
    row.credential_id = prepared.credential_id;
    row.form = prepared.form;
    row.level = evidence::level_name(prepared.level);
    row.hash = prepared.hash;
    row.algorithm = prepared.algorithm;
    row.size = static_cast<std::int64_t>(prepared.document.size());
    row.created_at = now;
    row.keep_until = now + rules.keep_ms;
    return row;
}

}  // namespace

Result<Preparation> Preparations::keep(const Prepared& prepared) {
    const auto row = new_row(prepared, clock_.now_ms(), rules_);
    return database_.write([&](Session& session) -> Result<Preparation> {
        PreparationTable table(session);
        TRY_ASSIGN(const auto all, table.stock());
        TRY_ASSIGN(const auto own, table.stock_of(row.client_id));
        TRY(check_room(rules_,
                       {all.documents, all.bytes},
                       {own.documents, own.bytes},
                       row.size,
                       "documents are prepared"));
        TRY(table.insert(row,
                         {row.id,
                          prepared.document,
                          prepared.attributes,
                          static_cast<std::int64_t>(prepared.cut),
                          prepared.leaf}));
        return row;
    });
}

Result<Preparation> Preparations::find(const std::string& id) {
    TRY_ASSIGN(auto found, database_.read([&](Session& session) {
        return PreparationTable(session).by_id(id);
    }));
    if (!found || found->keep_until <= clock_.now_ms()) {
        return no_such();
    }
    return *std::move(found);
}

Result<PreparationFile> Preparations::file(const std::string& id) {
    TRY_ASSIGN(auto found, database_.read([&](Session& session) {
        return PreparationTable(session).file(id);
    }));
    if (!found) {
        return no_such();
    }
    return *std::move(found);
}

Result<Finished> Preparations::finish(const std::string& id, const Finished& finished) {
    const auto now = clock_.now_ms();
    return database_.write([&](Session& session) -> Result<Finished> {
        PreparationTable table(session);
        TRY_ASSIGN(auto row, table.by_id(id));
        if (!row) {
            return no_such();
        }
        if (row->answer.empty()) {
            row->answer = finished.answer;
            row->size = static_cast<std::int64_t>(finished.document.size());
            row->keep_until = now + rules_.keep_finished_ms;
            TRY(table.finish(*row, finished.document));
            return finished;
        }
        TRY_ASSIGN(auto file, table.file(id));
        if (!file) {
            return no_such();
        }
        return Finished{std::move(file->document), row->answer};
    });
}

Result<void> Preparations::discard(const std::string& id) {
    TRY_ASSIGN(const bool was_open, database_.write([&](Session& session) {
        return PreparationTable(session).erase_open(id);
    }));
    return was_open ? Result<void>() : no_such();
}

Result<store::PreparationStock> Preparations::stock() {
    return database_.read([](Session& session) { return PreparationTable(session).stock(); });
}

Result<void> Preparations::sweep() {
    const auto now = clock_.now_ms();
    TRY_ASSIGN(const auto stock, this->stock());
    if (stock.documents == 0) {
        return {};  // no commit for nothing
    }
    return database_.write(
        [&](Session& session) { return PreparationTable(session).erase_until(now); });
}

}  // namespace cloudsign::preparation

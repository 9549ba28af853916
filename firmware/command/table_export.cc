#include "firmware/command/commands.h"
#include "firmware/keystore/group_statement.h"

namespace firmware::command {
namespace {

// Fills a page from the cursor on; the cursor of the next one, 0 after the last.
Result<void> fill_page(Core& core, wire::TableStatement& page) {
    auto cursor = static_cast<std::size_t>(page.cursor);
    Digest key_id{};
    keystore::RevocationEntry entry;
    while (page.key_ids.size() < wire::table_page_entries_max) {
        TRY_ASSIGN(const bool found, core.revocations.next(cursor, key_id, entry));
        if (!found) {
            page.next = 0;
            return {};
        }
        if (entry.minimum_version != 0) {
            CHECK(page.key_ids.push_back(key_id) &&
                  page.minimum_versions.push_back(entry.minimum_version));
        }
    }
    page.next = cursor;
    return {};
}

}  // namespace

// A table that another member is about to change behind the importing one's back is of no use to
// it; it is not: this member's configuration has it already, so nobody finishes a rebind without
// asking it too.
Result<wire::TableExportResponse> table_export(Core& core,
                                               const wire::TableExportRequest& request) {
    if (!core.group.has_member(request.for_module) ||
        request.for_module == core.identity.module_id) {
        return Status::member_unknown;
    }
    if (request.cursor > SIZE_MAX) {
        return Status::malformed;
    }
    wire::TableStatement page;
    page.from_module = core.identity.module_id;
    page.for_module = request.for_module;
    page.nonce = request.nonce;
    page.generation = core.boot_counter << 32 | (core.store.entry_changes() & UINT32_MAX);
    page.cursor = request.cursor;
    TRY(fill_page(core, page));
    TRY_ASSIGN(auto encoded, wire::encode_tagged(page, core.workspace.statement));
    TRY_ASSIGN(auto mac, keystore::group_mac(core.engine, core.group.epoch(), encoded));
    TRY_ASSIGN(auto sealed, wire::encode_signed({encoded, mac}, core.workspace.records));
    return wire::TableExportResponse{sealed, page.next};
}

}  // namespace firmware::command

#include "firmware/command/commands.h"
#include "firmware/keystore/group_statement.h"

namespace firmware::command {
namespace {

Result<wire::TableStatement> open_page(Core& core, ByteView sealed) {
    TRY_ASSIGN(
        auto page,
        keystore::open_statement<wire::TableStatement>(core.engine, core.group.epoch(), sealed));
    if (!core.group.has_member(page.from_module) || page.from_module == core.identity.module_id) {
        return Status::member_unknown;
    }
    if (page.for_module != core.identity.module_id || page.nonce != core.provisioning_nonce ||
        page.key_ids.size() != page.minimum_versions.size()) {
        return Status::acknowledgement_wrong;
    }
    return page;
}

// A first page begins anew; any other continues the same unchanged table of the same member.
Result<void> check_order(const TableProgress& progress, const wire::TableStatement& page) {
    if (page.cursor == 0) {
        return {};
    }
    const bool continues = progress.next != 0 && page.cursor == progress.next &&
                           page.from_module == progress.from_module &&
                           page.generation == progress.generation;
    return continues ? Result<void>() : Status::acknowledgement_wrong;
}

Result<void> take_entries(Core& core, const wire::TableStatement& page) {
    for (std::size_t i = 0; i < page.key_ids.size(); ++i) {
        TRY_ASSIGN(const auto known, core.revocations.find(page.key_ids[i]));
        if (known.minimum_version < page.minimum_versions[i]) {
            TRY(core.revocations.put(page.key_ids[i],
                                     {page.minimum_versions[i], core.group.epoch(), std::nullopt}));
        }
        TRY(core.revocations.carry(page.key_ids[i], core.group.epoch()));
    }
    return {};
}

}  // namespace

Result<wire::TableImportResponse> table_import(Core& core,
                                               const wire::TableImportRequest& request) {
    if (core.group.epoch() == 0 || core.group.is_complete()) {
        return Status::wrong_state;
    }
    TRY_ASSIGN(const auto page, open_page(core, request.page));
    TRY(check_order(core.table_progress, page));
    TRY(core.log.check_room());
    core.unsynced = true;
    auto& progress = core.table_progress;
    if (page.cursor == 0) {
        progress = {page.from_module, page.generation, 0, 0};
    }
    TRY(take_entries(core, page));
    progress.next = page.next;
    progress.entries += static_cast<std::uint32_t>(page.key_ids.size());
    if (page.next != 0) {
        return wire::TableImportResponse{core.state};
    }
    TRY(append_record(core,
                      wire::RecordType::table_taken,
                      request.host_time,
                      wire::TableTakenDetails{progress.from_module, progress.entries}));
    // The entries are durable before the module may act on them being all.
    TRY(core.store.sync());
    TRY(core.group.enter_epoch(core.store,
                               core.group.epoch(),
                               keystore::Group::Table::complete,
                               core.group.previous_epoch()));
    core.state = State::operational;
    return wire::TableImportResponse{core.state};
}

}  // namespace firmware::command

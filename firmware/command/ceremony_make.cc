#include "firmware/command/commands.h"
#include "firmware/command/open_ceremony.h"

namespace firmware::command {
namespace {

static_assert(wire::custodians_max * wire::sealed_share_size_max <=
              std::tuple_size_v<decltype(Workspace::records)>);

Result<wire::CeremonyMakeResponse> make(Core& core, std::uint32_t epoch) {
    const auto& group = core.group.configuration();
    TRY(core.ceremony.make(core.engine, group, epoch));
    wire::CeremonyMakeResponse response;
    TRY_ASSIGN(response.ceremony, open_ceremony(core));
    response.share_set = core.ceremony.encoded_set();
    MutableBytes space(core.workspace.records);
    for (std::size_t i = 1; i <= group.custodians.size(); ++i) {
        TRY_ASSIGN(auto sealed,
                   core.ceremony.seal_share(group, static_cast<std::uint8_t>(i), space));
        CHECK(response.shares.push_back(sealed));
        space = space.subspan(sealed.size());
    }
    core.ceremony.forget_shares();
    return response;
}

}  // namespace

Result<wire::CeremonyMakeResponse> ceremony_make(Core& core,
                                                 const wire::CeremonyMakeRequest& request) {
    TRY(check_next_epoch(core, request.epoch));
    auto made = make(core, request.epoch);
    if (!made) {
        core.ceremony.close();
    }
    return made;
}

}  // namespace firmware::command

#include "firmware/app/module.h"
#include "firmware/channel/tls_session.h"
#include "firmware/engine/psa/initialize.h"
#include "firmware/engine/psa/platform.h"
#include "firmware/engine/psa/psa_engine.h"
#include "firmware/hal/board.h"
#include "firmware/storage/log_store.h"
namespace {
using namespace firmware;
alignas(8) std::array<hsm::Byte, 36864> arena;
storage::LogStoreMemory<64, 128, 4352> store_memory;
class Vault final : public engine::psa::KeyVault {
    hsm::Result<std::size_t> load(std::string_view, hsm::MutableBytes) override { return hsm::Status::key_missing; }
    hsm::Result<engine::psa::Creation> create(std::string_view, hsm::ByteView) override { return hsm::Status::key_missing; }
};
}
void firmware::hal::run_image() {
    auto& board = hal::board();
    engine::psa::use_arena(arena);
    static selftest::TestedNoise noise(board.noise);
    if (!engine::psa::initialize(noise)) hal::panic(hal::PanicCause::check, 1);
    static Vault vault;
    static storage::LogStore store(board.flash, store_memory.spans());
    static engine::psa::PsaEngine engine(vault, "module");
    static app::Module module({engine, store, board.clock}, {});
    static channel::HostTable hosts;
    static channel::TlsServer server(hosts);
    static channel::TlsSession a(server);
    (void)module.start();
    (void)a.open();
    for (;;) {
        auto m = a.next_message();
        if (m && *m) a.hold_answer(module.handle(**m, a.role(), a.answer_space()).size);
        (void)module.sync();
        a.release_answers();
        board.link.send(a.bytes_to_send());
        board.link.wait();
    }
}

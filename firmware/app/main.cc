#include "firmware/app/serial_loop.h"
#include "firmware/app/stored_hosts.h"
#include "firmware/engine/psa/initialize.h"
#include "firmware/engine/psa/platform.h"
#include "firmware/engine/psa/psa_engine.h"
#include "firmware/engine/psa/store_vault.h"

// The image of a board: its parts in static storage, put together once.
namespace firmware::app {
namespace {

// Measured with two sessions and an RSA-4096 signature under way (board/README.md), and a quarter.
constexpr std::size_t arena_size = 35 * 1024;

// Beside the stack, in the memory nearest to the core (board/cortex_m/image.ld).
[[gnu::section(".core_bss")]] alignas(8) std::array<hsm::Byte, arena_size> arena;
storage::LogStoreMemory<64, 128, 4352> store_memory;
channel::SerialMemory serial_memory;

// Nothing works without it: the panic shows up in get_info of a start that does.
void require(const hsm::Result<void>& result) {
    if (!result) {
        hal::panic(hal::PanicCause::start_failed, static_cast<std::uint32_t>(result.error()));
    }
}

hsm::Result<void> format_if_new(hal::Flash& flash,
                                storage::LogStore& store,
                                engine::Engine& engine) {
    TRY_ASSIGN(const auto unformatted, storage::LogStore::is_unformatted(flash));
    if (!unformatted) {
        return {};
    }
    std::uint64_t salt = 0;
    TRY(engine.random({reinterpret_cast<hsm::Byte*>(&salt), sizeof(salt)}));
    return store.format(salt);
}

Settings settings_of(const hal::Board& board) {
    const hsm::ByteView parts[] = {hal::image()};
    Settings settings;
    settings.image = hal::image();
    settings.image_hash = engine::sha256(parts);
    settings.firmware_hash = settings.image_hash;
    settings.assurance_class = board.assurance_class;
    return settings;
}

[[noreturn]] void run() {
    auto& board = hal::board();
    board.watchdog.start(hal::watchdog_period_ms);
    engine::psa::use_arena(arena);
    static selftest::TestedNoise noise(board.noise);
    require(engine::psa::initialize(noise));

    static storage::LogStore store(board.flash, store_memory.spans());
    static engine::psa::StoreVault vault(store);
    static engine::psa::FlashSecret secret(board.secret_flash);
    static engine::psa::PsaEngine engine(vault, secret, "module");
    require(format_if_new(board.flash, store, engine));

    static channel::HostTable table;
    static StoredHosts hosts(store, table);
    static Module module(
        {.engine = engine, .store = store, .clock = board.clock, .host_keys = &hosts},
        settings_of(board));
    // A module that fails says so to whoever asks; without its hosts nobody could ask.
    (void)module.start();
    require(hosts.load());

    static channel::TlsServer server(table);
    static channel::SerialChannel channel(board.link, serial_memory, server);
    static SerialLoop loop(module, channel, board);
    loop.run();
}

}  // namespace
}  // namespace firmware::app

void firmware::hal::run_image() {
    app::run();
}

#include "firmware/app/serial_loop.h"
#include "firmware/app/stored_hosts.h"
#include "firmware/boot/first_secret.h"
#include "firmware/boot/flash_kek_guard.h"
#include "firmware/boot/maker_key.h"
#include "firmware/engine/psa/initialize.h"
#include "firmware/engine/psa/platform.h"
#include "firmware/engine/psa/psa_engine.h"
#include "firmware/engine/psa/store_vault.h"
#include "firmware/hal/boot_slots.h"

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

// None in an image that no loader starts.
boot::Updater* updater_on(const hal::Board& board, engine::psa::FlashSecret& secret) {
    auto* const slots = hal::own_slots();
    if (slots == nullptr) {
        return nullptr;
    }
    static const boot::ReleaseRules rules{board.name, boot::maker_point, slots->run_address};
    static boot::FlashKekGuard guard(secret);
    static boot::Updater updater(rules, {slots->slots, slots->state, guard});
    return &updater;
}

hsm::Result<Settings> settings_of(const hal::Board& board, const boot::Updater* updater) {
    Settings settings;
    settings.image = hal::image();
    settings.assurance_class = board.assurance_class;
    if (updater == nullptr) {
        const hsm::ByteView parts[] = {settings.image};
        settings.image_hash = engine::sha256(parts);
        settings.firmware_hash = settings.image_hash;
        return settings;
    }
    // What the maker has signed, not what is found: the self-test compares the two.
    TRY_ASSIGN(const auto release, updater->running());
    settings.image_hash = release.variant.hash;
    settings.firmware_hash = release.firmware_hash;
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

    auto* const updater = updater_on(board, secret);
    const auto settings = settings_of(board, updater);
    require(settings ? hsm::Result<void>() : settings.error());

    static channel::HostTable table;
    static StoredHosts hosts(store, table);
    static Module module({.engine = engine,
                          .store = store,
                          .clock = board.clock,
                          .updater = updater,
                          .host_keys = &hosts},
                         *settings);
    // A module that fails says so to whoever asks; without its hosts nobody could ask.
    if (module.start() && updater != nullptr) {
        require(boot::draw_first_secret(secret, engine, *updater));
    }
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

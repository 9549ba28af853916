#include "firmware/engine/psa/initialize.h"
#include "firmware/engine/psa/platform.h"
#include "firmware/engine/psa/psa_engine.h"
#include "firmware/engine/psa/store_vault.h"
#include "firmware/port/service.h"

// The port image: the same parts as the release image (app/main.cc), but anybody on the line may
// ask for everything, and nothing on the board is spared.
namespace firmware::port {
namespace {

constexpr std::size_t arena_size = 35 * 1024;

[[gnu::section(".core_bss")]] alignas(8) std::array<hsm::Byte, arena_size> arena;
storage::LogStoreMemory<64, 128, 4352> store_memory;

void require(const hsm::Result<void>& result) {
    if (!result) {
        hal::panic(hal::PanicCause::start_failed, static_cast<std::uint32_t>(result.error()));
    }
}

// On a store that is new with every start.
class ModuleOnBoard final : public LateModule {
public:
    explicit ModuleOnBoard(hal::Board& board) : board_(board) {}

    app::Module& get() override {
        static storage::LogStore store(board_.flash, store_memory.spans());
        static engine::psa::StoreVault vault(store);
        static engine::psa::FlashSecret secret(board_.secret_flash);
        static engine::psa::PsaEngine engine(vault, secret, "module");
        static const bool formatted = [] {
            require(store.format(1));
            return true;
        }();
        (void)formatted;
        static app::Module module({.engine = engine, .store = store, .clock = board_.clock},
                                  settings());
        static const bool started = [] {
            require(module.start());
            return true;
        }();
        (void)started;
        return module;
    }

private:
    app::Settings settings() const {
        const hsm::ByteView parts[] = {hal::image()};
        app::Settings settings;
        settings.image = hal::image();
        settings.image_hash = engine::sha256(parts);
        settings.firmware_hash = settings.image_hash;
        settings.assurance_class = board_.assurance_class;
        return settings;
    }

    hal::Board& board_;
};

[[noreturn]] void run() {
    auto& board = hal::board();
    board.watchdog.start(hal::watchdog_period_ms);
    engine::psa::use_arena(arena);
    static selftest::TestedNoise noise(board.noise);
    // Without entropy the engine's operations refuse; the suite is what tells why there is none.
    static_cast<void>(engine::psa::initialize(noise));
    static ModuleOnBoard module(board);
    static Service service(board, module);
    service.run();
}

}  // namespace
}  // namespace firmware::port

void firmware::hal::run_image() {
    port::run();
}

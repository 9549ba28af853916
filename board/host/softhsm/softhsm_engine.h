#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "board/host/softhsm/key_generation.h"
#include "board/host/softhsm/library.h"
#include "board/host/softhsm/session.h"
#include "board/host/softhsm/token_setup.h"
#include "firmware/engine/engine.h"
#include "hsm/base/secret.h"

namespace board::host::softhsm {

constexpr std::size_t pin_size_max = 255;
constexpr std::size_t open_epochs_max = 4;

struct EngineConfig {
    TokenConfig token;
    std::string module_name;  // tells the identity keys of the modules that share a token apart
    // SoftHSM 2.6.1 leaks about 240 bytes per unwrapped key until C_Finalize: after so many
    // objects the library is finalised and started again.
    std::size_t recycle_after = 4000;
};

// The engine on SoftHSM through PKCS#11. Private and secret keys are SENSITIVE and, but for a
// subscriber's key between its making and its wrapping, not EXTRACTABLE. Identity and MAC keys are
// used through session copies, since SoftHSM looks at a token object's file on every use (20 us a
// MAC instead of 9); the KEK is not copyable. Starts and logins are serialised among the modules of
// a token by the lock file, because C_Login rewrites token.object in place. One engine per process.
class SoftHsmEngine final : public firmware::engine::Engine {
public:
    // `key_missing` when there is no token of this label, `storage_failed` for the lock file,
    // `engine_failed` when the library cannot be loaded or started.
    static hsm::Result<std::unique_ptr<SoftHsmEngine>> create(EngineConfig config);
    ~SoftHsmEngine() override;

    std::string_view name() const override { return "softhsm"; }
    // `secret` is the token's user PIN.
    hsm::Result<void> unlock(hsm::ByteView secret) override;
    hsm::Result<void> random(hsm::MutableBytes out) override;
    hsm::Result<hsm::protocol::Point> identity_point() override;
    hsm::Result<void> identity_sign(const hsm::Digest& digest,
                                    firmware::engine::DerSignature& out) override;
    // `wrong_state` when the epoch exists; `table_full` beyond four epochs.
    hsm::Result<void> make_epoch(std::uint32_t epoch) override;
    hsm::Result<void> join_epoch(std::uint32_t epoch) override;
    hsm::Result<hsm::Digest> epoch_mac(std::uint32_t epoch,
                                       std::span<const hsm::ByteView> parts) override;
    hsm::Result<void> generate_sealed(std::uint32_t epoch,
                                      hsm::protocol::KeyType type,
                                      firmware::engine::SealedKey& out) override;
    // RSA on a thread of its own: no slices.
    bool work() override { return false; }
    void drop_generation() override { generation_.drop(); }
    hsm::Result<void> sign_sealed(std::uint32_t epoch,
                                  hsm::protocol::KeyType type,
                                  hsm::ByteView wrapped,
                                  hsm::ByteView spki,
                                  const hsm::protocol::Algorithm& algorithm,
                                  hsm::ByteView hash,
                                  firmware::engine::Signature& out) override;
    hsm::Result<void> verify_p256(const hsm::protocol::Point& point,
                                  const hsm::Digest& digest,
                                  hsm::ByteView der_signature) override;
    // Before unlock() too: the known keys are public session objects.
    hsm::Result<void> self_test(hsm::protocol::SelfTest test,
                                const firmware::selftest::KnownAnswers& answers) override;

private:
    struct Epoch {
        std::uint32_t number;
        CK_OBJECT_HANDLE kek;
        SessionObject mac_key;
    };

    SoftHsmEngine(EngineConfig config, Library library);

    hsm::Result<void> start();
    void stop();
    hsm::Result<void> login(hsm::ByteView pin);
    hsm::Result<void> restart();
    hsm::Result<void> ready();
    hsm::Result<void> open_identity();
    hsm::Result<void> generate_identity(std::string_view label);
    hsm::Result<const Epoch*> open_epoch(std::uint32_t number);
    hsm::Result<void> generate_aside(const Epoch& epoch,
                                     hsm::protocol::KeyType type,
                                     firmware::engine::SealedKey& out);

    EngineConfig config_;
    Library library_;
    hsm::Secret<pin_size_max> pin_;
    bool unlocked_ = false;
    std::size_t objects_made_ = 0;
    std::optional<Session> session_;
    // Declared after the session: its objects go before it does.
    SessionObject identity_;
    hsm::protocol::Point identity_point_{};
    std::vector<Epoch> epochs_;
    KeyGeneration generation_;
};

}  // namespace board::host::softhsm

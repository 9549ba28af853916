#pragma once

#include "firmware/engine/engine.h"
#include "firmware/engine/psa/pkcs8.h"
#include "firmware/engine/psa/rsa_generation.h"
#include "firmware/engine/psa/sealed_vault.h"

namespace firmware::engine::psa {

constexpr std::size_t module_name_size_max = 32;
constexpr std::size_t open_epochs_max = 4;

// The engine on Mbed TLS. psa::initialize() must have succeeded before. What it holds in RAM after
// unlock(): the vault's master key, the identity key, KEK and MAC key of up to four epochs. A
// subscriber's key is there for the one call that uses it.
class PsaEngine final : public Engine {
public:
    // `module_name` (1..32 bytes) tells the identity keys of the modules that share `vault` apart.
    PsaEngine(KeyVault& vault, FlashSecret& flash_secret, std::string_view module_name);

    std::string_view name() const override { return "psa"; }
    // `secret` as SealedVault::open().
    Result<void> unlock(ByteView secret) override;
    Result<void> random(MutableBytes out) override;
    Result<Point> identity_point() override;
    Result<void> identity_sign(const Digest& digest, DerSignature& out) override;
    // `wrong_state` when the epoch exists; `table_full` beyond four epochs.
    Result<void> make_epoch(std::uint32_t epoch) override;
    Result<void> join_epoch(std::uint32_t epoch) override;
    bool takes_epoch_secrets() const override { return true; }
    Result<void> try_epoch(std::uint32_t epoch, const EpochSecret& secret) override;
    Result<void> keep_epoch(std::uint32_t epoch) override;
    Result<void> forget_epoch(std::uint32_t epoch) override;
    // Leaves `out.spki` alone.
    Result<void> reseal(std::uint32_t from,
                        std::uint32_t to,
                        ByteView wrapped,
                        SealedKey& out) override;
    Result<void> drop_epoch(std::uint32_t epoch) override;
    Result<void> check_at_rest() override { return vault_.check_at_rest(); }
    Result<void> wipe() override;
    Result<Digest> epoch_mac(std::uint32_t epoch, std::span<const ByteView> parts) override;
    Result<void> generate_sealed(std::uint32_t epoch, KeyType type, SealedKey& out) override;
    bool work() override;
    void drop_generation() override { rsa_.drop(); }
    Result<void> sign_sealed(std::uint32_t epoch,
                             KeyType type,
                             ByteView wrapped,
                             ByteView spki,
                             const Algorithm& algorithm,
                             ByteView hash,
                             Signature& out) override;
    Result<void> verify_p256(const Point& point,
                             const Digest& digest,
                             ByteView der_signature) override;
    Result<void> self_test(selftest::SelfTest test, const selftest::KnownAnswers& answers) override;

private:
    struct Epoch {
        std::uint32_t number = 0;
        hsm::Secret<32> kek;
        KeyHandle mac_key;
        // Of an epoch that was tried and is not kept yet: its record, KEK ‖ MAC key.
        hsm::Secret<64> unkept;
    };

    Result<void> load_identity();
    Result<void> create_identity();
    Epoch* find_epoch(std::uint32_t number);
    void remove_epoch(Epoch& epoch);
    Result<Epoch*> add_epoch(std::uint32_t number, ByteView keys);
    Result<const Epoch*> open_epoch(std::uint32_t number);
    void lock();
    Result<void> generate_rsa(std::uint32_t epoch, KeyType type, PrivateKey& out);

    SealedVault vault_;
    hsm::BoundedBytes<vault_name_size_max> identity_record_;
    KeyHandle identity_;
    std::array<Epoch, open_epochs_max> epochs_;
    std::size_t epoch_count_ = 0;

    RsaGeneration rsa_;
    std::uint32_t rsa_epoch_ = 0;
};

}  // namespace firmware::engine::psa

#pragma once

#include "firmware/engine/engine.h"

namespace tests::support {

// An engine that breaks when it is told to.
class BreakableEngine final : public firmware::engine::Engine {
public:
    explicit BreakableEngine(firmware::engine::Engine& engine) : engine_(engine) {}

    bool no_random = false;
    bool pairs_do_not_fit = false;       // the halves of what it makes
    bool identity_does_not_fit = false;  // what it signs with, and what it shows

    std::string_view name() const override { return engine_.name(); }
    hsm::Result<void> unlock(hsm::ByteView secret) override { return engine_.unlock(secret); }
    hsm::Result<void> random(hsm::MutableBytes out) override {
        return no_random ? hsm::Status::rng_failed : engine_.random(out);
    }
    hsm::Result<hsm::protocol::Point> identity_point() override { return engine_.identity_point(); }
    hsm::Result<void> identity_sign(const hsm::Digest& digest,
                                    firmware::engine::DerSignature& out) override {
        auto other = digest;
        other[0] ^= identity_does_not_fit ? 1 : 0;
        return engine_.identity_sign(other, out);
    }
    hsm::Result<void> make_epoch(std::uint32_t epoch) override { return engine_.make_epoch(epoch); }
    hsm::Result<void> join_epoch(std::uint32_t epoch) override { return engine_.join_epoch(epoch); }
    bool takes_epoch_secrets() const override { return engine_.takes_epoch_secrets(); }
    hsm::Result<void> try_epoch(std::uint32_t epoch,
                                const firmware::engine::EpochSecret& secret) override {
        return engine_.try_epoch(epoch, secret);
    }
    hsm::Result<void> keep_epoch(std::uint32_t epoch) override { return engine_.keep_epoch(epoch); }
    hsm::Result<void> forget_epoch(std::uint32_t epoch) override {
        return engine_.forget_epoch(epoch);
    }
    hsm::Result<void> reseal(std::uint32_t from,
                             std::uint32_t to,
                             hsm::ByteView wrapped,
                             firmware::engine::SealedKey& out) override {
        return engine_.reseal(from, to, wrapped, out);
    }
    hsm::Result<void> drop_epoch(std::uint32_t epoch) override { return engine_.drop_epoch(epoch); }
    hsm::Result<void> check_at_rest() override { return engine_.check_at_rest(); }
    hsm::Result<void> wipe() override { return engine_.wipe(); }
    hsm::Result<hsm::Digest> epoch_mac(std::uint32_t epoch,
                                       std::span<const hsm::ByteView> parts) override {
        return engine_.epoch_mac(epoch, parts);
    }
    hsm::Result<void> generate_sealed(std::uint32_t epoch,
                                      hsm::protocol::KeyType type,
                                      firmware::engine::SealedKey& out) override {
        const auto made = engine_.generate_sealed(epoch, type, out);
        return made && pairs_do_not_fit ? hsm::Status::signature_wrong : made;
    }
    bool work() override { return engine_.work(); }
    void drop_generation() override { engine_.drop_generation(); }
    hsm::Result<void> sign_sealed(std::uint32_t epoch,
                                  hsm::protocol::KeyType type,
                                  hsm::ByteView wrapped,
                                  hsm::ByteView spki,
                                  const hsm::protocol::Algorithm& algorithm,
                                  hsm::ByteView hash,
                                  firmware::engine::Signature& out) override {
        return engine_.sign_sealed(epoch, type, wrapped, spki, algorithm, hash, out);
    }
    hsm::Result<void> verify_p256(const hsm::protocol::Point& point,
                                  const hsm::Digest& digest,
                                  hsm::ByteView der_signature) override {
        return engine_.verify_p256(point, digest, der_signature);
    }
    hsm::Result<void> self_test(hsm::protocol::SelfTest test,
                                const firmware::selftest::KnownAnswers& answers) override {
        return engine_.self_test(test, answers);
    }

private:
    firmware::engine::Engine& engine_;
};

}  // namespace tests::support

#include "firmware/ceremony/ceremony.h"
#include "firmware/ceremony/shamir.h"
#include "firmware/engine/digest.h"
#include "firmware/keystore/group_statement.h"
#include "hsm/protocol/message.h"
#include "tests/faults/attempt.h"
#include "tests/faults/scenario.h"
#include "tests/faults/world.h"

namespace tests::faults {
namespace {

namespace ceremony = firmware::ceremony;
namespace engine = firmware::engine;
namespace wire = hsm::protocol;
using hsm::Byte;
using hsm::ByteView;
using hsm::Digest;
using hsm::Status;

constexpr std::uint32_t restored_epoch = 2;

template <class T>
T value(hsm::Result<T> result) {
    CHECK(result.has_value());
    return *std::move(result);
}
void done(const hsm::Result<void>& result) {
    CHECK(result.has_value());
}

// A KEK in shares, 2 of 2, made outside.
class ShareSite {
public:
    // The set with its proof: `kek_check_is_wrong` makes it one of another secret.
    ByteView make_set(bool kek_check_is_wrong) {
        auto& module = world().core;
        wire::EpochSecret secret;
        done(module.engine.random(secret.storage()));
        secret.resize(wire::epoch_secret_size);
        wire::ShareSet set;
        set.assurance_class = wire::AssuranceClass::emulated;
        set.epoch = restored_epoch;
        set.threshold = 2;
        set.set_id.fill(0x5e);
        std::array<Byte, wire::epoch_secret_size> coefficients;
        done(module.engine.random(coefficients));
        done(ceremony::split(secret, {2, 2}, set.set_id, coefficients, shares_));
        const Phone* custodians[] = {&world().custodian, &world().other_custodian};
        for (std::size_t i = 0; i < shares_.size(); ++i) {
            const auto encoded = wire::encode_share(shares_[i], engine::sha256);
            CHECK(set.custodians.push_back(custodians[i]->thumbprint()) &&
                  set.commitments.push_back(
                      wire::share_commitment(encoded.reveal(), engine::sha256)));
        }
        set.kek_check = wire::kek_check(set.set_id, secret, engine::sha256);
        if (kek_check_is_wrong) {
            set.kek_check[0] ^= 0x80;
        }
        seal_proof(secret, set);
        return value(wire::encode_tagged(set, set_));
    }

    const ceremony::Share& share(std::size_t i) const { return shares_[i]; }

private:
    void seal_proof(const wire::EpochSecret& secret, wire::ShareSet& set) {
        auto& module = world().core.engine;
        done(module.try_epoch(restored_epoch, secret));
        done(module.generate_sealed(restored_epoch, wire::KeyType::p256, proof_));
        set.proof_wrapped = proof_.wrapped;
        set.proof_spki = proof_.spki;
        std::array<Byte, 256> buffer;
        const auto statement = value(wire::encode_tagged(
            wire::ProofStatement{set.set_id, set.proof_wrapped, set.proof_spki}, buffer));
        set.proof_mac = value(firmware::keystore::group_mac(module, restored_epoch, statement));
        done(module.forget_epoch(restored_epoch));
    }

    std::array<ceremony::Share, 2> shares_;
    engine::SealedKey proof_;
    std::array<Byte, wire::share_set_size_max> set_;
};

// How a host brings shares; as it stands, the custodians' own.
struct SharePlan {
    const Phone* by = nullptr;  // who signs the first share; default: its custodian
    bool is_changed = false;    // the first share is not the one that was given out
    bool is_repeated = false;   // it is brought twice
    bool kek_check_is_wrong = false;
    std::uint8_t before = 0;  // shares taken already, in order
    bool finishes = false;    // asks for the KEK
};

ShareSite site;

class Restoration {
public:
    void make(const SharePlan& plan) {
        auto& core = world().core;
        const auto& group = core.group.configuration();
        plan_ = plan;
        const auto set = site.make_set(plan.kek_check_is_wrong);
        done(ceremony_.restore(core.engine, group, set));
        wire::CeremonyStatement statement;
        statement.module_id = core.identity.module_id;
        done(ceremony_.open(core.engine, statement));
        std::array<Byte, wire::tagged_size_max<wire::CeremonyStatement>()> buffer;
        ceremony_.begin(value(wire::tagged_hash(statement, buffer, engine::sha256)));
        const Phone* custodians[] = {&world().custodian, &world().other_custodian};
        for (std::size_t i = 0; i < 2; ++i) {
            seal(statement.ceremony_key, i, *custodians[i]);
        }
        for (std::uint8_t i = 0; i < plan.before; ++i) {
            done(ceremony_.add_share(core.engine, group, signed_[i]));
        }
        if (plan.is_repeated) {
            done(ceremony_.add_share(core.engine, group, signed_[0]));
        }
        taken_ = ceremony_.shares_taken();
        not_taken_ = ~taken_;
    }

    // `ok` when a share more was taken, or the KEK is kept.
    Status send() {
        auto& core = world().core;
        if (plan_.finishes) {
            const auto finished = ceremony_.finish(core.engine);
            const std::array<ByteView, 0> nothing{};
            // Whatever is answered: is there an epoch that works?
            const bool works = core.engine.epoch_mac(restored_epoch, nothing).has_value();
            return finished ? (works ? Status::ok : Status::key_missing)
                            : refusal(finished.error());
        }
        const auto answer =
            ceremony_.add_share(core.engine, core.group.configuration(), signed_[0]);
        // A stray store into this counter proves nothing.
        CHECK(not_taken_ == ~taken_);
        if (ceremony_.shares_taken() > taken_) {
            return Status::ok;
        }
        return answer ? Status::share_wrong : refusal(answer.error());
    }

private:
    void seal(const wire::Point& ceremony_key, std::size_t i, const Phone& custodian) {
        auto plain = wire::encode_share(site.share(i), engine::sha256);
        if (plan_.is_changed && i == 0) {
            ceremony::Share other;
            other.set_id = site.share(i).set_id;
            other.threshold = site.share(i).threshold;
            other.index = site.share(i).index;
            std::array<Byte, wire::epoch_secret_size> chosen;
            chosen.fill(0x33);
            CHECK(other.value.assign(chosen));
            plain = wire::encode_share(other, engine::sha256);
        }
        const auto index = static_cast<std::uint8_t>(i + 1);
        const auto info =
            wire::sealed_share_info(wire::ShareDirection::in, ceremony_.transcript(), index);
        wire::InwardShare sealed;
        sealed.transcript = ceremony_.transcript();
        sealed.index = index;
        std::array<Byte, wire::sealed_share_ciphertext_size> ciphertext;
        done(
            engine::hpke_seal(ceremony_key, info, plain.reveal(), sealed.encapsulated, ciphertext));
        sealed.ciphertext = ciphertext;
        std::array<Byte, wire::inward_share_size_max> buffer;
        const auto statement = value(wire::encode_tagged(sealed, buffer));
        const ByteView parts[] = {statement};
        const auto& by = plan_.by != nullptr && i == 0 ? *plan_.by : custodian;
        const auto signature = by.sign_der(engine::sha256(parts));
        signed_[i] = value(wire::encode_signed({statement, signature}, room_[i]));
    }

    SharePlan plan_;
    ceremony::Ceremony ceremony_;
    std::array<std::array<Byte, wire::inward_share_size_max>, 2> room_;
    std::array<ByteView, 2> signed_;
    std::uint32_t taken_ = 0;
    std::uint32_t not_taken_ = 0;
};

Restoration in_order;
Restoration hostile;

void prepare(const SharePlan& plan) {
    in_order.make({});
    hostile.make(plan);
}

consteval Scenario share(const char* name, void (*prepare)(), Status refusal) {
    return {name, prepare, [] { return in_order.send(); }, [] { return hostile.send(); }, refusal};
}

FAULT_SCENARIO(share_other_custodian) = share(
    "share: not by its custodian",
    [] { prepare({.by = &world().thief}); },
    Status::custodian_wrong);
FAULT_SCENARIO(share_changed) = share(
    "share: not the one that was given out",
    [] { prepare({.is_changed = true}); },
    Status::share_wrong);
FAULT_SCENARIO(share_repeated) = share(
    "share: repeated", [] { prepare({.is_repeated = true}); }, Status::share_repeated);
FAULT_SCENARIO(share_missing) = share(
    "share: one too few", [] { prepare({.before = 1, .finishes = true}); }, Status::shares_missing);
FAULT_SCENARIO(share_other_kek) = share(
    "share: another KEK than was made",
    [] { prepare({.kek_check_is_wrong = true, .before = 2, .finishes = true}); },
    Status::kek_wrong);

}  // namespace
}  // namespace tests::faults

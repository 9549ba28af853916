#include "firmware/ceremony/ceremony.h"

#include "firmware/ceremony/shamir.h"
#include "firmware/engine/digest.h"
#include "firmware/hardening/decision.h"
#include "firmware/keystore/group_statement.h"
#include "hsm/protocol/message.h"

namespace firmware::ceremony {

namespace wire = hsm::protocol;
using engine::Engine;
using hsm::Byte;

namespace {

constexpr wire::Algorithm proof_algorithm{wire::Scheme::ecdsa, wire::DigestAlgorithm::sha256, 0};

Digest hash_of(ByteView bytes) {
    const std::array parts = {bytes};
    return engine::sha256(parts);
}

Result<Digest> proof_mac(Engine& engine, const ShareSet& set) {
    std::array<Byte, wire::tagged_size_max<wire::ProofStatement>()> buffer{};
    TRY_ASSIGN(auto encoded,
               wire::encode_tagged(
                   wire::ProofStatement{set.set_id, set.proof_wrapped, set.proof_spki}, buffer));
    return keystore::group_mac(engine, set.epoch, encoded);
}

// A custodian signs a statement, not a KEK: what is signed is checked before anything is opened.
Result<void> check_custodian(Engine& engine,
                             const wire::Point& custodian,
                             wire::SignedBytes bytes) {
    const auto verified = engine.verify_p256(custodian, hash_of(bytes.statement), bytes.signature);
    if (!verified && verified.error() == Status::signature_wrong) {
        return Status::custodian_wrong;
    }
    return verified;
}

}  // namespace

Result<void> Ceremony::seal_proof(Engine& engine, ShareSet& set) {
    engine::SealedKey proof;
    TRY(engine.generate_sealed(set.epoch, wire::KeyType::p256, proof));
    set.proof_wrapped = proof.wrapped;
    set.proof_spki = proof.spki;
    TRY_ASSIGN(set.proof_mac, proof_mac(engine, set));
    return adopt_set(set);
}

Result<void> Ceremony::adopt_set(const ShareSet& set) {
    encoded_set_.clear();
    TRY_ASSIGN(auto encoded, wire::encode_tagged(set, encoded_set_.spare()));
    encoded_set_.grow(encoded.size());
    TRY_ASSIGN(set_, wire::decode_share_set(encoded_set_));
    return {};
}

Result<void> Ceremony::make(Engine& engine, const GroupConfiguration& group, std::uint32_t epoch) {
    if (!engine.takes_epoch_secrets()) {
        return Status::not_supported;
    }
    close();
    ShareSet set;
    set.group_id = group.group_id;
    set.assurance_class = group.assurance_class;
    set.epoch = epoch;
    set.threshold = group.custodians_needed;
    TRY(engine.random(set.set_id));
    wire::EpochSecret secret;
    TRY(engine.random(secret.storage()));
    secret.resize(wire::epoch_secret_size);

    const ShareScheme scheme{group.custodians_needed,
                             static_cast<std::uint8_t>(group.custodians.size())};
    hsm::Secret<coefficients_size_max> coefficients;
    TRY(engine.random(coefficients.storage().first(coefficients_size(scheme))));
    coefficients.resize(coefficients_size(scheme));
    TRY(split(
        secret, scheme, set.set_id, coefficients.reveal(), std::span(made_).first(scheme.count)));
    for (std::size_t i = 0; i < group.custodians.size(); ++i) {
        CHECK(set.custodians.push_back(wire::thumbprint(group.custodians[i], engine::sha256)));
        const auto encoded = wire::encode_share(made_[i], engine::sha256);
        CHECK(set.commitments.push_back(wire::share_commitment(encoded.reveal(), engine::sha256)));
    }
    set.kek_check = wire::kek_check(set.set_id, secret, engine::sha256);

    TRY(engine.try_epoch(epoch, secret));
    const auto sealed = seal_proof(engine, set);
    TRY(engine.forget_epoch(epoch));
    kind_ = CeremonyKind::make;
    return sealed;
}

Result<void> Ceremony::restore(Engine& engine, const GroupConfiguration& group, ByteView encoded) {
    if (!engine.takes_epoch_secrets()) {
        return Status::not_supported;
    }
    close();
    TRY_ASSIGN(const auto set, wire::decode_share_set(encoded));
    bool ours = set.group_id == group.group_id && set.assurance_class == group.assurance_class &&
                set.threshold == group.custodians_needed &&
                set.custodians.size() == group.custodians.size();
    for (std::size_t i = 0; ours && i < set.custodians.size(); ++i) {
        ours = set.custodians[i] == wire::thumbprint(group.custodians[i], engine::sha256);
    }
    if (!ours) {
        return Status::configuration_wrong;
    }
    kind_ = CeremonyKind::restore;
    return adopt_set(set);
}

Result<void> Ceremony::open(Engine& engine, CeremonyStatement& statement) {
    TRY_ASSIGN(key_, engine::make_hpke_key());
    statement.kind = kind_;
    TRY(engine.random(statement.nonce));
    statement.ceremony_key = key_.point;
    statement.share_set = hash_of(encoded_set_);
    return {};
}

void Ceremony::begin(const Digest& transcript) {
    transcript_ = transcript;
    begun_ = true;
}

Result<ByteView> Ceremony::seal_share(const GroupConfiguration& group,
                                      std::uint8_t index,
                                      MutableBytes buffer) {
    CHECK(begun_ && index >= 1 && index <= group.custodians.size());
    const auto plain = wire::encode_share(made_[index - 1u], engine::sha256);
    const auto info = wire::sealed_share_info(wire::ShareDirection::out, transcript_, index);
    wire::OutwardShare sealed;
    sealed.transcript = transcript_;
    sealed.index = index;
    std::array<Byte, wire::sealed_share_ciphertext_size> ciphertext{};
    TRY(engine::hpke_seal(
        group.custodians[index - 1u], info, plain.reveal(), sealed.encapsulated, ciphertext));
    sealed.ciphertext = ciphertext;
    return wire::encode_tagged(sealed, buffer);
}

void Ceremony::forget_shares() {
    for (auto& share : made_) {
        share = Share{};
    }
}

bool Ceremony::has_taken(std::uint8_t index) const {
    return std::any_of(given_.begin(), given_.begin() + taken_, [index](const Share& share) {
        return share.index == index;
    });
}

Result<Share> Ceremony::open_share(const wire::InwardShare& sealed) const {
    const auto info = wire::sealed_share_info(wire::ShareDirection::in, transcript_, sealed.index);
    wire::ShareBytes bytes;
    TRY(engine::hpke_open(key_, info, sealed.encapsulated, sealed.ciphertext, bytes.storage()));
    bytes.resize(wire::share_size);
    auto share = wire::decode_share(bytes.reveal(), engine::sha256);
    if (!share) {
        return Status::share_wrong;
    }
    if (share->set_id != set_.set_id || share->threshold != set_.threshold) {
        return Status::share_foreign;
    }
    // The share check: what was given out, byte for byte, to this custodian.
    const auto commitment = wire::share_commitment(bytes.reveal(), engine::sha256);
    if (share->index != sealed.index ||
        !hsm::equal_constant_time(commitment, set_.commitments[sealed.index - 1u])) {
        return Status::share_wrong;
    }
    return share;
}

Result<void> Ceremony::check_share(Engine& engine,
                                   const GroupConfiguration& group,
                                   ByteView signed_share,
                                   CheckedShare& checked) const {
    TRY_ASSIGN(const auto bytes, wire::decode_signed(signed_share));
    TRY_ASSIGN(const auto sealed, wire::decode_tagged<wire::InwardShare>(bytes.statement));
    if (sealed.transcript != transcript_) {
        return Status::transcript_wrong;
    }
    if (sealed.index > group.custodians.size()) {
        return Status::share_foreign;
    }
    TRY(check_custodian(engine, group.custodians[sealed.index - 1u], bytes));
    TRY_ASSIGN(checked.share, open_share(sealed));
    if (has_taken(checked.share.index)) {
        return Status::share_repeated;
    }
    checked.live_member = sealed.live_member;
    return {};
}

Result<void> Ceremony::add_share(Engine& engine,
                                 const GroupConfiguration& group,
                                 ByteView signed_share) {
    if (!begun_) {
        return Status::ceremony_not_open;
    }
    CheckedShare checked;
    hardening::Decision right;
    TRY(right.make([&] { return check_share(engine, group, signed_share, checked); }));
    if (taken_ == set_.threshold) {
        return {};
    }
    right.require();
    given_[taken_++] = std::move(checked.share);
    without_live_member_ = static_cast<std::uint8_t>(
        without_live_member_ + (checked.live_member == LiveMember::none ? 1 : 0));
    return {};
}

// The MAC key by its MAC, the KEK by a key that it has sealed.
Result<void> Ceremony::check_proof(Engine& engine) const {
    TRY_ASSIGN(const auto mac, proof_mac(engine, set_));
    const Digest hash = {0x5a};  // of nothing that anybody signs
    engine::Signature signature;
    const bool opens =
        hsm::equal_constant_time(mac, set_.proof_mac) && engine.sign_sealed(set_.epoch,
                                                                            wire::KeyType::p256,
                                                                            set_.proof_wrapped,
                                                                            set_.proof_spki,
                                                                            proof_algorithm,
                                                                            hash,
                                                                            signature);
    return opens ? Result<void>() : Status::kek_wrong;
}

Result<void> Ceremony::finish(Engine& engine) {
    if (!begun_) {
        return Status::ceremony_not_open;
    }
    wire::EpochSecret secret;
    hardening::Decision right;
    TRY(right.make([&]() -> Result<void> {
        TRY_ASSIGN(secret, combine(std::span(given_).first(taken_)));
        const auto check = wire::kek_check(set_.set_id, secret, engine::sha256);
        return hsm::equal_constant_time(check, set_.kek_check) ? Result<void>() : Status::kek_wrong;
    }));
    const auto tried = engine.try_epoch(set_.epoch, secret);
    const bool kept = !tried && tried.error() == Status::wrong_state;
    if (!tried && !kept) {
        return tried;
    }
    hardening::Decision proven;
    const auto proof = proven.make([&] { return check_proof(engine); });
    if (!proof) {
        TRY(engine.forget_epoch(set_.epoch));
        return proof;
    }
    right.require();
    proven.require();
    return kept ? Result<void>() : engine.keep_epoch(set_.epoch);
}

wire::BoundedList<Digest, wire::custodians_max> Ceremony::givers() const {
    wire::BoundedList<Digest, wire::custodians_max> givers;
    for (std::size_t i = 0; i < taken_; ++i) {
        CHECK(givers.push_back(set_.custodians[given_[i].index - 1u]));
    }
    return givers;
}

LiveMember Ceremony::live_member() const {
    return taken_ != 0 && without_live_member_ == taken_ ? LiveMember::none : LiveMember::exists;
}

void Ceremony::close() {
    begun_ = false;
    forget_shares();
    for (auto& share : given_) {
        share = Share{};
    }
    taken_ = 0;
    without_live_member_ = 0;
    key_ = engine::HpkeKeyPair{};
    encoded_set_.clear();
    set_ = ShareSet{};
    transcript_ = {};
}

}  // namespace firmware::ceremony

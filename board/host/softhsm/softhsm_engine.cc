#include "board/host/softhsm/softhsm_engine.h"

#include "board/host/softhsm/key_objects.h"
#include "board/host/softhsm/mechanisms.h"
#include "board/host/softhsm/token_copy.h"
#include "board/host/vault/file_lock.h"
#include "firmware/engine/algorithm.h"
#include "firmware/engine/der.h"
#include "firmware/engine/ecdsa_der.h"
#include "firmware/engine/spki.h"

namespace board::host::softhsm {

using firmware::engine::algorithm_fits;
using firmware::engine::curve_oid;
using firmware::engine::DerSignature;
using firmware::engine::is_rsa;
using firmware::engine::key_bits;
using firmware::engine::SealedKey;
using firmware::engine::Signature;
using firmware::engine::Spki;
using hsm::Byte;
using hsm::ByteView;
using hsm::Digest;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;
using hsm::protocol::Algorithm;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::KeyType;
using hsm::protocol::Point;
using hsm::protocol::Scheme;
using vault::FileLock;

namespace {

constexpr Algorithm ecdsa_sha256{Scheme::ecdsa, DigestAlgorithm::sha256, 0};
constexpr Algorithm pkcs1_sha256{Scheme::rsa_pkcs1, DigestAlgorithm::sha256, 0};
constexpr CK_ULONG symmetric_key_size = 32;

std::string kek_label(std::uint32_t epoch) {
    return "kek-" + std::to_string(epoch);
}

std::string mac_key_label(std::uint32_t epoch) {
    return "mac-" + std::to_string(epoch);
}

Result<CK_OBJECT_HANDLE> find(Session& session,
                              CK_OBJECT_CLASS object_class,
                              const std::string& label) {
    Attributes wanted;
    wanted.number(CKA_CLASS, object_class).flag(CKA_TOKEN, true).text(CKA_LABEL, label);
    return session.find(wanted);
}

// A token key that can do nothing but what is added to it.
void make_idle(Attributes& key, const std::string& label) {
    key.flag(CKA_TOKEN, true)
        .flag(CKA_PRIVATE, true)
        .flag(CKA_SENSITIVE, true)
        .flag(CKA_EXTRACTABLE, false)
        .flag(CKA_ENCRYPT, false)
        .flag(CKA_DECRYPT, false)
        .flag(CKA_DERIVE, false)
        .flag(CKA_VERIFY, false)
        .text(CKA_LABEL, label)
        .number(CKA_VALUE_LEN, symmetric_key_size);
}

Result<void> generate_mac_key(Session& session, const std::string& label) {
    Attributes key;
    make_idle(key, label);
    key.flag(CKA_SIGN, true).flag(CKA_WRAP, false).flag(CKA_UNWRAP, false);
    return session.generate_token_key(CKM_GENERIC_SECRET_KEY_GEN, key);
}

Result<void> generate_kek(Session& session, const std::string& label) {
    Attributes unwrapped;
    for (auto flag : unwrapped_key_flags) {
        unwrapped.flag(flag.type, flag.value);
    }
    Attributes key;
    make_idle(key, label);
    // Not modifiable is also not copyable in SoftHSM: else the PIN's holder gives a copy
    // CKA_DECRYPT and opens every blob as data.
    key.flag(CKA_MODIFIABLE, false)
        .flag(CKA_SIGN, false)
        .flag(CKA_WRAP, true)
        .flag(CKA_UNWRAP, true)
        .nested(CKA_UNWRAP_TEMPLATE, unwrapped);
    return session.generate_token_key(CKM_AES_KEY_GEN, key);
}

// What the token made itself and has never let out. A holder of the PIN who put a key of a known
// value, or one that also decrypts, in our key's place is told by this.
Result<void> require_made_inside(Session& session, CK_OBJECT_HANDLE key) {
    for (auto flag : {Flag{CKA_LOCAL, true},
                      Flag{CKA_ALWAYS_SENSITIVE, true},
                      Flag{CKA_NEVER_EXTRACTABLE, true},
                      Flag{CKA_DECRYPT, false}}) {
        TRY_ASSIGN(auto value, session.flag(key, flag.type));
        if (value != flag.value) {
            return Status::storage_corrupt;
        }
    }
    return {};
}

Result<void> require_kek(Session& session, CK_OBJECT_HANDLE key) {
    TRY(require_made_inside(session, key));
    TRY_ASSIGN(auto modifiable, session.flag(key, CKA_MODIFIABLE));
    std::array<CK_ATTRIBUTE, unwrapped_key_flags.size()> forced{};
    std::array<CK_BBOOL, unwrapped_key_flags.size()> values{};
    for (std::size_t i = 0; i < forced.size(); ++i) {
        forced[i] = {unwrapped_key_flags[i].type, &values[i], sizeof(CK_BBOOL)};
    }
    TRY_ASSIGN(
        auto size,
        session.attribute(
            key, CKA_UNWRAP_TEMPLATE, {reinterpret_cast<Byte*>(forced.data()), sizeof(forced)}));
    const auto is_forced = [&](const Flag& flag) {
        return std::ranges::any_of(forced, [&](const CK_ATTRIBUTE& attribute) {
            return attribute.type == flag.type && attribute.ulValueLen == sizeof(CK_BBOOL) &&
                   (*static_cast<const CK_BBOOL*>(attribute.pValue) != CK_FALSE) == flag.value;
        });
    };
    if (modifiable || size != sizeof(forced) ||
        !std::ranges::all_of(unwrapped_key_flags, is_forced)) {
        return Status::storage_corrupt;
    }
    return {};
}

Result<std::size_t> sign_one(Session& session,
                             SignatureMechanism& mechanism,
                             CK_OBJECT_HANDLE key,
                             MutableBytes out) {
    const std::array<ByteView, 1> parts = {mechanism.input()};
    return session.sign(mechanism.mechanism(), key, parts, out);
}

}  // namespace

Result<std::unique_ptr<SoftHsmEngine>> SoftHsmEngine::create(EngineConfig config) {
    TRY_ASSIGN(auto library, Library::load(config.token.library, config.token.configuration));
    auto engine =
        std::unique_ptr<SoftHsmEngine>(new SoftHsmEngine(std::move(config), std::move(library)));
    TRY_ASSIGN(const auto lock, FileLock::acquire(engine->config_.token.lock_file));
    TRY(engine->start());
    return engine;
}

SoftHsmEngine::SoftHsmEngine(EngineConfig config, Library library)
    : config_(std::move(config)), library_(std::move(library)) {}

SoftHsmEngine::~SoftHsmEngine() {
    stop();
}

Result<void> SoftHsmEngine::start() {
    TRY(restore_token(config_.token));
    TRY(library_.initialize());
    TRY_ASSIGN(auto slot, library_.slot_of(config_.token.label));
    TRY_ASSIGN(auto session, Session::open(library_.functions(), slot));
    session_.emplace(std::move(session));
    return {};
}

void SoftHsmEngine::stop() {
    generation_.finish();
    epochs_.clear();
    identity_.reset();
    session_.reset();
    library_.finalize();
}

// The caller holds the token's lock.
Result<void> SoftHsmEngine::login(ByteView pin) {
    TRY(session_->login(CKU_USER, pin));
    TRY(keep_token_copy(config_.token));
    return open_identity();
}

Result<void> SoftHsmEngine::restart() {
    stop();
    TRY_ASSIGN(const auto lock, FileLock::acquire(config_.token.lock_file));
    TRY(start());
    TRY(login(pin_.reveal()));
    objects_made_ = 0;
    return {};
}

Result<void> SoftHsmEngine::unlock(ByteView secret) {
    unlocked_ = false;
    pin_.clear();
    hsm::Secret<pin_size_max> pin;
    if (!pin.assign(secret)) {
        return Status::secret_wrong;
    }
    // From a fresh start: PKCS#11 refuses a second C_Login, whatever the PIN.
    stop();
    TRY_ASSIGN(const auto lock, FileLock::acquire(config_.token.lock_file));
    TRY(start());
    TRY(login(pin.reveal()));
    pin_ = std::move(pin);
    unlocked_ = true;
    objects_made_ = 0;
    return {};
}

// Before each operation that needs a key. Recycles; also repairs what a failed recycling left.
Result<void> SoftHsmEngine::ready() {
    if (!unlocked_) {
        return Status::key_locked;
    }
    // Not while a pair is being made, which would have to be waited for: its seconds leak little.
    const bool used_up = objects_made_ >= config_.recycle_after && !generation_.is_running();
    if (used_up || !session_) {
        TRY(restart());
    }
    return {};
}

Result<void> SoftHsmEngine::open_identity() {
    const auto label = "identity-" + config_.module_name;
    auto private_key = find(*session_, CKO_PRIVATE_KEY, label);
    if (!private_key && private_key.error() == Status::key_missing) {
        TRY(generate_identity(label));
        private_key = find(*session_, CKO_PRIVATE_KEY, label);
    }
    TRY_ASSIGN(auto key, std::move(private_key));
    TRY(require_made_inside(*session_, key));
    TRY_ASSIGN(auto public_key, find(*session_, CKO_PUBLIC_KEY, label));
    TRY_ASSIGN(auto spki, read_ec_spki(*session_, KeyType::p256, public_key));
    TRY_ASSIGN(auto point, firmware::engine::ec_point(KeyType::p256, spki));
    std::ranges::copy(point, identity_point_.begin());
    TRY_ASSIGN(identity_, session_->copy_to_session(key));
    return {};
}

Result<void> SoftHsmEngine::generate_identity(std::string_view label) {
    Attributes public_key;
    public_key.flag(CKA_TOKEN, true)
        .flag(CKA_PRIVATE, false)
        .flag(CKA_VERIFY, true)
        .text(CKA_LABEL, label)
        .bytes(CKA_EC_PARAMS, curve_oid(KeyType::p256));
    Attributes private_key;
    private_key.flag(CKA_TOKEN, true)
        .flag(CKA_PRIVATE, true)
        .flag(CKA_SENSITIVE, true)
        .flag(CKA_EXTRACTABLE, false)
        .flag(CKA_DECRYPT, false)
        .flag(CKA_UNWRAP, false)
        .flag(CKA_DERIVE, false)
        .flag(CKA_SIGN, true)
        .text(CKA_LABEL, label);
    return session_->generate_token_key_pair(CKM_EC_KEY_PAIR_GEN, public_key, private_key);
}

Result<void> SoftHsmEngine::random(MutableBytes out) {
    if (!session_ && unlocked_) {
        TRY(restart());
    }
    // SoftHSM calls an empty request bad arguments.
    if (!session_ || (!out.empty() && !session_->random(out))) {
        hsm::zeroize(out);
        return Status::rng_failed;
    }
    return {};
}

Result<Point> SoftHsmEngine::identity_point() {
    if (!unlocked_) {
        return Status::key_locked;
    }
    return identity_point_;
}

Result<void> SoftHsmEngine::identity_sign(const Digest& digest, DerSignature& out) {
    TRY(ready());
    SignatureMechanism mechanism(ecdsa_sha256, digest);
    firmware::engine::RawEcdsa raw;
    TRY_ASSIGN(auto size, sign_one(*session_, mechanism, identity_.handle(), raw.spare()));
    raw.grow(size);
    TRY_ASSIGN(out, firmware::engine::ecdsa_to_der(KeyType::p256, raw));
    return {};
}

Result<void> SoftHsmEngine::make_epoch(std::uint32_t epoch) {
    TRY(ready());
    if (epochs_.size() == open_epochs_max) {
        return Status::table_full;
    }
    {
        TRY_ASSIGN(const auto lock, FileLock::acquire(config_.token.lock_file));
        if (find(*session_, CKO_SECRET_KEY, kek_label(epoch))) {
            return Status::wrong_state;
        }
        // The KEK comes last and makes the epoch: a MAC key without one is left from a crash.
        if (auto orphan = find(*session_, CKO_SECRET_KEY, mac_key_label(epoch)); orphan) {
            TRY(session_->destroy_token_object(*orphan));
        }
        TRY(generate_mac_key(*session_, mac_key_label(epoch)));
        TRY(generate_kek(*session_, kek_label(epoch)));
    }
    return join_epoch(epoch);
}

Result<void> SoftHsmEngine::join_epoch(std::uint32_t epoch) {
    TRY(ready());
    TRY(open_epoch(epoch));
    return {};
}

// An epoch that the group has made is opened at its first use after a start.
Result<const SoftHsmEngine::Epoch*> SoftHsmEngine::open_epoch(std::uint32_t number) {
    for (const auto& epoch : epochs_) {
        if (epoch.number == number) {
            return &epoch;
        }
    }
    if (epochs_.size() == open_epochs_max) {
        return Status::table_full;
    }
    TRY_ASSIGN(auto kek, find(*session_, CKO_SECRET_KEY, kek_label(number)));
    TRY(require_kek(*session_, kek));
    TRY_ASSIGN(auto mac_key, find(*session_, CKO_SECRET_KEY, mac_key_label(number)));
    TRY_ASSIGN(auto mac_key_copy, session_->copy_to_session(mac_key));
    epochs_.push_back({number, kek, std::move(mac_key_copy)});
    return &epochs_.back();
}

Result<Digest> SoftHsmEngine::epoch_mac(std::uint32_t epoch, std::span<const ByteView> parts) {
    TRY(ready());
    TRY_ASSIGN(const auto* opened, open_epoch(epoch));
    CK_MECHANISM mechanism = {CKM_SHA256_HMAC, nullptr, 0};
    Digest mac{};
    TRY_ASSIGN(auto size, session_->sign(&mechanism, opened->mac_key.handle(), parts, mac));
    if (size != mac.size()) {
        return Status::engine_failed;
    }
    return mac;
}

Result<void> SoftHsmEngine::generate_aside(const Epoch& epoch, KeyType type, SealedKey& out) {
    if (generation_.is_begun() && generation_.is_for(epoch.number, type)) {
        return generation_.take(out);
    }
    if (generation_.is_dropped()) {
        generation_.drop();  // it may have ended meanwhile
    }
    if (!generation_.is_begun()) {
        TRY_ASSIGN(auto slot, library_.slot_of(config_.token.label));
        generation_.begin(library_.functions(), slot, epoch.kek, epoch.number, type);
    }
    return Status::busy;
}

Result<void> SoftHsmEngine::generate_sealed(std::uint32_t epoch, KeyType type, SealedKey& out) {
    TRY(ready());
    TRY_ASSIGN(const auto* opened, open_epoch(epoch));
    if (key_bits(type) == 0) {
        return Status::algorithm_wrong;
    }
    TRY(is_rsa(type) ? generate_aside(*opened, type, out)
                     : generate_wrapped(*session_, opened->kek, type, out));
    objects_made_ += 2;
    // The pairwise test (FIPS 140-3 IG 10.3.A), on what will be used later: the sealed form.
    const Digest hash = {0x5a};
    Signature signature;
    const auto& algorithm = is_rsa(type) ? pkcs1_sha256 : ecdsa_sha256;
    return sign_sealed(epoch, type, out.wrapped, out.spki, algorithm, hash, signature);
}

Result<void> SoftHsmEngine::sign_sealed(std::uint32_t epoch,
                                        KeyType type,
                                        ByteView wrapped,
                                        ByteView spki,
                                        const Algorithm& algorithm,
                                        ByteView hash,
                                        Signature& out) {
    out.clear();
    TRY(ready());
    TRY_ASSIGN(const auto* opened, open_epoch(epoch));
    if (!algorithm_fits(type, algorithm) ||
        hash.size() != hsm::protocol::digest_length(algorithm.digest)) {
        return Status::algorithm_wrong;
    }
    objects_made_ += 2;
    // Before the key is unsealed: a bad SubjectPublicKeyInfo costs nothing.
    TRY_ASSIGN(auto public_key, create_public_key(*session_, type, spki));
    SignatureMechanism mechanism(algorithm, hash);
    Signature signature;
    {
        TRY_ASSIGN(auto key, unwrap(*session_, opened->kek, type, wrapped));
        TRY_ASSIGN(auto size, sign_one(*session_, mechanism, key.handle(), signature.spare()));
        signature.grow(size);
    }
    if (!session_->verify(
            mechanism.mechanism(), public_key.handle(), mechanism.input(), signature)) {
        return Status::signature_wrong;
    }
    CHECK(out.verified_hash.assign(hash));
    if (algorithm.scheme != Scheme::ecdsa) {
        CHECK(out.assign(signature));
        return {};
    }
    TRY_ASSIGN(auto der, firmware::engine::ecdsa_to_der(type, signature));
    CHECK(out.assign(der));
    return {};
}

Result<void> SoftHsmEngine::verify_p256(const Point& point,
                                        const Digest& digest,
                                        ByteView der_signature) {
    TRY(ready());
    TRY_ASSIGN(auto raw, firmware::engine::ecdsa_from_der(KeyType::p256, der_signature));
    if (point[0] != 4) {  // OpenSSL would take the hybrid form too
        return Status::signature_wrong;
    }
    ++objects_made_;
    TRY_ASSIGN(auto key, create_ec_public_key(*session_, KeyType::p256, point));
    SignatureMechanism mechanism(ecdsa_sha256, digest);
    // SoftHSM answers a point off the curve with a general error at C_VerifyInit.
    if (!session_->verify(mechanism.mechanism(), key.handle(), mechanism.input(), raw)) {
        return Status::signature_wrong;
    }
    return {};
}

}  // namespace board::host::softhsm

#include "firmware/engine/psa/psa_engine.h"

#include <charconv>

#include "firmware/engine/algorithm.h"
#include "firmware/engine/der.h"
#include "firmware/engine/digest.h"
#include "firmware/engine/ecdsa_der.h"
#include "firmware/engine/es256.h"
#include "firmware/engine/psa/kwp.h"
#include "firmware/engine/psa/psa_algorithm.h"
#include "firmware/engine/spki.h"
#include "hsm/base/byte_writer.h"

namespace firmware::engine::psa {

using hsm::Byte;
using hsm::Secret;
using hsm::Status;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::Scheme;

namespace {

constexpr std::size_t mac_key_size = 32;
constexpr std::size_t epoch_record_size = kek_size + mac_key_size;
constexpr std::string_view epoch_domain = "kyso-epoch/1";
constexpr Algorithm ecdsa_sha256{Scheme::ecdsa, DigestAlgorithm::sha256, 0};
constexpr Algorithm pkcs1_sha256{Scheme::rsa_pkcs1, DigestAlgorithm::sha256, 0};

// MBEDTLS_CTR_DRBG_MAX_REQUEST
constexpr std::size_t random_request_size_max = 1024;

using RecordName = hsm::BoundedBytes<vault_name_size_max>;

RecordName epoch_record_name(std::uint32_t number) {
    std::array<char, 10> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    RecordName name;
    CHECK(name.append(hsm::view_of("epoch-")) && name.append(hsm::view_of({digits.data(), end})));
    return name;
}

psa_key_attributes_t key_attributes(KeyType type,
                                    psa_algorithm_t algorithm,
                                    psa_key_usage_t usage) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, psa_key_pair_type(type));
    psa_set_key_bits(&attributes, key_bits(type));
    psa_set_key_algorithm(&attributes, algorithm);
    psa_set_key_usage_flags(&attributes, usage);
    return attributes;
}

psa_key_attributes_t mac_key_attributes() {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_HMAC);
    psa_set_key_algorithm(&attributes, PSA_ALG_HMAC(PSA_ALG_SHA_256));
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_MESSAGE);
    return attributes;
}

Result<Spki> export_spki(KeyType type, const KeyHandle& key) {
    std::array<Byte, hsm::protocol::spki_size_max> exported;
    std::size_t size = 0;
    TRY(checked(psa_export_public_key(key.id(), exported.data(), exported.size(), &size)));
    const auto bytes = ByteView(exported).first(size);
    if (!is_rsa(type)) {
        return ec_spki(type, bytes);
    }
    DerReader outer(bytes);  // RSAPublicKey, RFC 8017 §A.1.1
    TRY_ASSIGN(auto contents, outer.element(der_sequence));
    DerReader inner(contents);
    TRY_ASSIGN(auto modulus, inner.positive_integer());
    return rsa_spki(type, modulus);
}

Result<KeyHandle> import_public(KeyType type, ByteView spki, const Algorithm& algorithm) {
    auto attributes = key_attributes(type, psa_algorithm(algorithm), PSA_KEY_USAGE_VERIFY_HASH);
    psa_set_key_type(&attributes, PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(psa_key_pair_type(type)));
    if (!is_rsa(type)) {
        TRY_ASSIGN(auto point, ec_point(type, spki));
        return KeyHandle::import(attributes, point);
    }
    TRY_ASSIGN(auto modulus, rsa_modulus(type, spki));
    std::array<Byte, hsm::protocol::spki_size_max> buffer;
    DerWriter writer(buffer);
    writer.positive_integer(rsa_exponent);
    writer.positive_integer(modulus);
    writer.header(der_sequence, writer.size());
    return KeyHandle::import(attributes, writer.written());
}

// HKDF (RFC 5869) without salt, two blocks: what PROTOCOL.md "KEK ceremony" says, so that the
// shares are worth something without this program.
Secret<epoch_record_size> derive_epoch_keys(std::uint32_t number, const EpochSecret& secret) {
    static constexpr std::array<Byte, 32> no_salt{};
    static constexpr std::array<Byte, 2> counters = {1, 2};
    std::array<Byte, sizeof number> encoded{};
    hsm::ByteWriter writer(encoded);
    writer.u32(number);
    const std::array extracted = {secret.reveal()};
    auto prk = hmac_sha256(no_salt, extracted);
    const std::array first = {
        hsm::view_of(epoch_domain), writer.written(), ByteView(counters).first(1)};
    auto kek = hmac_sha256(prk, first);
    const std::array second = {
        ByteView(kek), hsm::view_of(epoch_domain), writer.written(), ByteView(counters).last(1)};
    auto mac_key = hmac_sha256(prk, second);

    Secret<epoch_record_size> keys;
    std::ranges::copy(kek, keys.storage().begin());
    std::ranges::copy(mac_key, keys.storage().begin() + kek_size);
    keys.resize(epoch_record_size);
    hsm::base::zeroize(prk);
    hsm::base::zeroize(kek);
    hsm::base::zeroize(mac_key);
    return keys;
}

Result<KeyHandle> unseal(ByteView kek, KeyType type, ByteView wrapped, const Algorithm& algorithm) {
    PrivateKey pkcs8;
    TRY_ASSIGN(auto size, kwp_unwrap(kek, wrapped, pkcs8.storage()));
    pkcs8.resize(size);
    TRY_ASSIGN(auto key, private_key_in(type, pkcs8.reveal()));
    auto handle = KeyHandle::import(
        key_attributes(type, psa_algorithm(algorithm), PSA_KEY_USAGE_SIGN_HASH), key);
    if (!handle) {
        return Status::blob_malformed;
    }
    return handle;
}

Result<void> generate_ec(KeyType type, PrivateKey& out) {
    TRY_ASSIGN(auto key,
               KeyHandle::generate(
                   key_attributes(type, psa_algorithm(ecdsa_sha256), PSA_KEY_USAGE_EXPORT)));
    std::size_t size = 0;
    TRY(checked(psa_export_key(key.id(), out.storage().data(), out.storage().size(), &size)));
    out.resize(size);
    return {};
}

}  // namespace

PsaEngine::PsaEngine(KeyVault& vault, FlashSecret& flash_secret, std::string_view module_name)
    : vault_(vault, flash_secret) {
    CHECK(!module_name.empty() && module_name.size() <= module_name_size_max);
    CHECK(identity_record_.append(hsm::view_of("identity-")) &&
          identity_record_.append(hsm::view_of(module_name)));
}

void PsaEngine::lock() {
    identity_.reset();
    for (auto& epoch : epochs_) {
        epoch = Epoch{};
    }
    epoch_count_ = 0;
    rsa_.drop();
    vault_.close();
}

Result<void> PsaEngine::wipe() {
    lock();
    return vault_.wipe();
}

Result<void> PsaEngine::unlock(ByteView secret) {
    lock();
    TRY(vault_.open(secret));
    auto loaded = load_identity();
    if (!loaded && loaded.error() == Status::key_missing) {
        loaded = create_identity();
        if (loaded) {
            loaded = load_identity();
        }
    }
    if (!loaded) {
        vault_.close();
    }
    return loaded;
}

Result<void> PsaEngine::load_identity() {
    Secret<sealed_record_size_max> scalar;
    TRY(vault_.load(hsm::text_of(identity_record_), scalar));
    TRY_ASSIGN(
        identity_,
        KeyHandle::import(
            key_attributes(KeyType::p256, psa_algorithm(ecdsa_sha256), PSA_KEY_USAGE_SIGN_HASH),
            scalar.reveal()));
    return {};
}

Result<void> PsaEngine::create_identity() {
    TRY_ASSIGN(auto key,
               KeyHandle::generate(key_attributes(
                   KeyType::p256, psa_algorithm(ecdsa_sha256), PSA_KEY_USAGE_EXPORT)));
    Secret<sealed_record_size_max> scalar;
    std::size_t size = 0;
    TRY(checked(psa_export_key(key.id(), scalar.storage().data(), scalar.storage().size(), &size)));
    scalar.resize(size);
    TRY(vault_.create(hsm::text_of(identity_record_), scalar.reveal()));
    return {};
}

Result<void> PsaEngine::random(MutableBytes out) {
    for (std::size_t done = 0; done < out.size();) {
        const auto request = std::min(random_request_size_max, out.size() - done);
        if (psa_generate_random(out.data() + done, request) != PSA_SUCCESS) {
            hsm::zeroize(out);
            return Status::rng_failed;
        }
        done += request;
    }
    return {};
}

Result<Point> PsaEngine::identity_point() {
    if (identity_.id() == PSA_KEY_ID_NULL) {
        return Status::key_locked;
    }
    Point point;
    std::size_t size = 0;
    TRY(checked(psa_export_public_key(identity_.id(), point.data(), point.size(), &size)));
    return point;
}

Result<void> PsaEngine::identity_sign(const Digest& digest, DerSignature& out) {
    if (identity_.id() == PSA_KEY_ID_NULL) {
        return Status::key_locked;
    }
    RawEcdsa raw;
    std::size_t size = 0;
    TRY(checked(psa_sign_hash(identity_.id(),
                              psa_algorithm(ecdsa_sha256),
                              digest.data(),
                              digest.size(),
                              raw.spare().data(),
                              raw.spare().size(),
                              &size)));
    raw.grow(size);
    TRY_ASSIGN(out, ecdsa_to_der(KeyType::p256, raw));
    return {};
}

Result<void> PsaEngine::make_epoch(std::uint32_t epoch) {
    if (!vault_.is_open()) {
        return Status::key_locked;
    }
    if (epoch_count_ == epochs_.size()) {
        return Status::table_full;
    }
    Secret<epoch_record_size> keys;
    TRY(random(keys.storage()));
    keys.resize(epoch_record_size);
    TRY_ASSIGN(auto creation, vault_.create(hsm::text_of(epoch_record_name(epoch)), keys.reveal()));
    if (creation == Creation::existed) {
        return Status::wrong_state;
    }
    TRY(open_epoch(epoch));
    return {};
}

Result<void> PsaEngine::join_epoch(std::uint32_t epoch) {
    TRY(open_epoch(epoch));
    return {};
}

// An epoch that the group has made is opened at its first use after a start.
Result<const PsaEngine::Epoch*> PsaEngine::open_epoch(std::uint32_t number) {
    if (!vault_.is_open()) {
        return Status::key_locked;
    }
    if (const auto* epoch = find_epoch(number)) {
        return epoch;
    }
    if (epoch_count_ == epochs_.size()) {
        return Status::table_full;
    }
    Secret<sealed_record_size_max> keys;
    TRY(vault_.load(hsm::text_of(epoch_record_name(number)), keys));
    if (keys.size() != epoch_record_size) {
        return Status::storage_corrupt;
    }
    TRY_ASSIGN(const auto* added, add_epoch(number, keys.reveal()));
    return added;
}

PsaEngine::Epoch* PsaEngine::find_epoch(std::uint32_t number) {
    for (std::size_t i = 0; i < epoch_count_; ++i) {
        if (epochs_[i].number == number) {
            return &epochs_[i];
        }
    }
    return nullptr;
}

Result<PsaEngine::Epoch*> PsaEngine::add_epoch(std::uint32_t number, ByteView keys) {
    if (epoch_count_ == epochs_.size()) {
        return Status::table_full;
    }
    auto& epoch = epochs_[epoch_count_];
    TRY_ASSIGN(epoch.mac_key, KeyHandle::import(mac_key_attributes(), keys.last(mac_key_size)));
    CHECK(epoch.kek.assign(keys.first(kek_size)));
    epoch.number = number;
    ++epoch_count_;
    return &epoch;
}

Result<void> PsaEngine::try_epoch(std::uint32_t number, const EpochSecret& secret) {
    if (!vault_.is_open()) {
        return Status::key_locked;
    }
    TRY(forget_epoch(number));
    Secret<sealed_record_size_max> kept;
    const auto found = vault_.load(hsm::text_of(epoch_record_name(number)), kept);
    if (found || found.error() != Status::key_missing) {
        return found ? Result<void>(Status::wrong_state) : found;
    }
    const auto keys = derive_epoch_keys(number, secret);
    TRY_ASSIGN(auto* epoch, add_epoch(number, keys.reveal()));
    CHECK(epoch->unkept.assign(keys.reveal()));
    return {};
}

Result<void> PsaEngine::keep_epoch(std::uint32_t number) {
    if (!vault_.is_open()) {
        return Status::key_locked;
    }
    auto* epoch = find_epoch(number);
    if (epoch == nullptr || epoch->unkept.size() == 0) {
        return Status::key_missing;
    }
    TRY_ASSIGN(auto creation,
               vault_.create(hsm::text_of(epoch_record_name(number)), epoch->unkept.reveal()));
    if (creation == Creation::existed) {
        return Status::wrong_state;
    }
    epoch->unkept.clear();
    return {};
}

Result<void> PsaEngine::forget_epoch(std::uint32_t number) {
    auto* epoch = find_epoch(number);
    if (epoch == nullptr || epoch->unkept.size() == 0) {
        return {};
    }
    remove_epoch(*epoch);
    return {};
}

void PsaEngine::remove_epoch(Epoch& epoch) {
    auto& last = epochs_[--epoch_count_];
    if (&epoch != &last) {
        epoch = std::move(last);
    }
    last = Epoch{};
}

Result<void> PsaEngine::reseal(std::uint32_t from,
                               std::uint32_t to,
                               ByteView wrapped,
                               SealedKey& out) {
    TRY(open_epoch(from));
    TRY(open_epoch(to));
    // Looked up once both are open: opening the second may move the first.
    const auto* old_epoch = find_epoch(from);
    const auto* new_epoch = find_epoch(to);
    PrivateKey key;
    TRY_ASSIGN(const auto size, kwp_unwrap(old_epoch->kek.reveal(), wrapped, key.storage()));
    key.resize(size);
    out.wrapped.clear();
    TRY_ASSIGN(const auto rewrapped,
               kwp_wrap(new_epoch->kek.reveal(), key.reveal(), out.wrapped.spare()));
    out.wrapped.grow(rewrapped);
    return {};
}

Result<void> PsaEngine::drop_epoch(std::uint32_t number) {
    if (!vault_.is_open()) {
        return Status::key_locked;
    }
    if (auto* epoch = find_epoch(number)) {
        remove_epoch(*epoch);
    }
    return vault_.remove(hsm::text_of(epoch_record_name(number)));
}

Result<Digest> PsaEngine::epoch_mac(std::uint32_t epoch, std::span<const ByteView> parts) {
    TRY_ASSIGN(const auto* opened, open_epoch(epoch));
    psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
    auto status =
        psa_mac_sign_setup(&operation, opened->mac_key.id(), PSA_ALG_HMAC(PSA_ALG_SHA_256));
    for (const auto& part : parts) {
        if (status == PSA_SUCCESS) {
            status = psa_mac_update(&operation, part.data(), part.size());
        }
    }
    Digest mac{};
    if (status == PSA_SUCCESS) {
        std::size_t size = 0;
        status = psa_mac_sign_finish(&operation, mac.data(), mac.size(), &size);
    }
    (void)psa_mac_abort(&operation);
    TRY(checked(status));
    return mac;
}

// The private half, as PSA imports it.
Result<void> PsaEngine::generate_rsa(std::uint32_t epoch, KeyType type, PrivateKey& out) {
    if (!rsa_.is_begun()) {
        rsa_.begin(type);
        rsa_epoch_ = epoch;
    }
    if (rsa_.is_searching() || rsa_.type() != type || rsa_epoch_ != epoch) {
        return Status::busy;
    }
    return rsa_.take(out);
}

bool PsaEngine::work() {
    rsa_.work();
    return rsa_.is_searching();
}

Result<void> PsaEngine::generate_sealed(std::uint32_t epoch, KeyType type, SealedKey& out) {
    TRY_ASSIGN(const auto* opened, open_epoch(epoch));
    if (key_bits(type) == 0) {
        return Status::algorithm_wrong;
    }
    const auto& algorithm = is_rsa(type) ? pkcs1_sha256 : ecdsa_sha256;
    {
        PrivateKey pkcs8;
        TRY(is_rsa(type) ? generate_rsa(epoch, type, pkcs8) : generate_ec(type, pkcs8));
        TRY_ASSIGN(
            auto key,
            KeyHandle::import(key_attributes(type, psa_algorithm(algorithm), 0), pkcs8.reveal()));
        TRY_ASSIGN(out.spki, export_spki(type, key));
        TRY(enclose_pkcs8(type, pkcs8));
        out.wrapped.clear();
        TRY_ASSIGN(auto wrapped,
                   kwp_wrap(opened->kek.reveal(), pkcs8.reveal(), out.wrapped.spare()));
        out.wrapped.grow(wrapped);
    }
    // The pairwise test (FIPS 140-3 IG 10.3.A), on what will be used later: the sealed form.
    const Digest hash = {0x5a};
    Signature signature;
    return sign_sealed(epoch, type, out.wrapped, out.spki, algorithm, hash, signature);
}

Result<void> PsaEngine::sign_sealed(std::uint32_t epoch,
                                    KeyType type,
                                    ByteView wrapped,
                                    ByteView spki,
                                    const Algorithm& algorithm,
                                    ByteView hash,
                                    Signature& out) {
    out.clear();
    TRY_ASSIGN(const auto* opened, open_epoch(epoch));
    if (!algorithm_fits(type, algorithm) ||
        hash.size() != hsm::protocol::digest_length(algorithm.digest)) {
        return Status::algorithm_wrong;
    }
    // Before the key is unsealed: a bad SubjectPublicKeyInfo costs nothing.
    TRY_ASSIGN(auto public_key, import_public(type, spki, algorithm));
    Signature signature;
    std::size_t size = 0;
    {
        TRY_ASSIGN(auto key, unseal(opened->kek.reveal(), type, wrapped, algorithm));
        TRY(checked(psa_sign_hash(key.id(),
                                  psa_algorithm(algorithm),
                                  hash.data(),
                                  hash.size(),
                                  signature.spare().data(),
                                  signature.spare().size(),
                                  &size)));
        signature.grow(size);
    }
    // Mbed TLS does not check its own ECDSA; a faulty signature could give the key away.
    if (psa_verify_hash(public_key.id(),
                        psa_algorithm(algorithm),
                        hash.data(),
                        hash.size(),
                        signature.data(),
                        signature.size()) != PSA_SUCCESS) {
        return Status::signature_wrong;
    }
    CHECK(out.verified_hash.assign(hash));
    if (algorithm.scheme != Scheme::ecdsa) {
        CHECK(out.assign(signature));
        return {};
    }
    TRY_ASSIGN(auto der, ecdsa_to_der(type, signature));
    CHECK(out.assign(der));
    return {};
}

Result<void> PsaEngine::verify_p256(const Point& point,
                                    const Digest& digest,
                                    ByteView der_signature) {
    if (!vault_.is_open()) {
        return Status::key_locked;
    }
    TRY_ASSIGN(auto raw, ecdsa_from_der(KeyType::p256, der_signature));
    return verify_es256(point, digest, raw);
}

}  // namespace firmware::engine::psa

#pragma once

#include "firmware/selftest/self_tests.h"
#include "hsm/base/result.h"
#include "hsm/protocol/share.h"

namespace firmware::engine {

using hsm::ByteView;
using hsm::Digest;
using hsm::MutableBytes;
using hsm::Result;
using hsm::protocol::Algorithm;
using hsm::protocol::EpochSecret;
using hsm::protocol::KeyType;
using hsm::protocol::Point;

constexpr std::size_t hash_size_max = 64;  // SHA-512

// A key pair as generate_sealed() leaves it: the private half never appears in clear outside the
// engine. `wrapped` = AES-KWP (RFC 5649) under the epoch's KEK of the PKCS#8 PrivateKeyInfo and, as
// SoftHSM has it, zeros up to a multiple of 8 bytes.
struct SealedKey {
    hsm::BoundedBytes<hsm::protocol::wrapped_size_max> wrapped;
    hsm::BoundedBytes<hsm::protocol::spki_size_max> spki;  // SubjectPublicKeyInfo, DER
};

using DerSignature = hsm::BoundedBytes<hsm::protocol::ecdsa_der_size_max>;

// A signature, and the hash that it has been verified over: the caller compares it with the one
// that it asked for, since a fault on the way to sign_sealed() changes what is signed and verified
// alike.
struct Signature : hsm::BoundedBytes<hsm::protocol::signature_size_max> {
    hsm::BoundedBytes<hash_size_max> verified_hash;
};

// What holds and uses key material: Mbed TLS (engine/psa) or SoftHSM through PKCS#11 (board/host).
// One thread calls it. Both implementations pass tests/unit/firmware/engine/engine_suite.
// Every call but unlock(), random() and self_test() answers `key_locked` until unlock() has
// succeeded. As a subject of self-tests it puts each known answer to what it computes signatures,
// wrapped keys and MACs with.
class Engine : public selftest::Subject {
public:
    Engine() = default;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    virtual ~Engine() = default;

    virtual std::string_view name() const = 0;

    // Makes what is kept at rest usable, and on the first start creates the device identity key.
    // `secret_wrong` when the secret does not open it.
    virtual Result<void> unlock(ByteView secret) = 0;

    // `rng_failed` and no output when the generator is not healthy.
    virtual Result<void> random(MutableBytes out) = 0;

    // The device identity key, P-256, made inside and never exported.
    virtual Result<Point> identity_point() = 0;
    // ECDSA over an SHA-256 digest, DER.
    virtual Result<void> identity_sign(const Digest& digest, DerSignature& out) = 0;

    // An epoch is a KEK (AES-256, wraps and unwraps keys, never data) and a separate HMAC-SHA-256
    // key. make_epoch() creates both inside and fails if the epoch exists; join_epoch() succeeds
    // when a module of the same group has made it (`key_missing` otherwise).
    virtual Result<void> make_epoch(std::uint32_t epoch) = 0;
    virtual Result<void> join_epoch(std::uint32_t epoch) = 0;

    // The rest of an epoch's life, for engines whose KEK can come from a ceremony. Where a KEK
    // never leaves or enters (SoftHSM) all of these answer `not_supported`.
    virtual bool takes_epoch_secrets() const { return false; }
    // KEK and MAC key of an epoch, derived from a ceremony's secret (PROTOCOL.md "KEK ceremony"),
    // in RAM only: usable like any epoch until the next unlock() or forget_epoch(). `wrong_state`
    // when an epoch of this number is kept.
    virtual Result<void> try_epoch(std::uint32_t, const EpochSecret&) {
        return hsm::Status::not_supported;
    }
    // Keeps a tried epoch at rest, durably. `key_missing` when it is not there.
    virtual Result<void> keep_epoch(std::uint32_t) { return hsm::Status::not_supported; }
    // Forgets what try_epoch() made; no error when there is nothing.
    virtual Result<void> forget_epoch(std::uint32_t) { return hsm::Status::not_supported; }

    // Wraps a sealed key of one epoch anew under the KEK of another; the same bytes each time.
    // `blob_malformed` when it does not open.
    virtual Result<void> reseal(std::uint32_t, std::uint32_t, ByteView, SealedKey&) {
        return hsm::Status::not_supported;
    }
    // Destroys what is kept of an epoch, durably; no error when there is nothing.
    virtual Result<void> drop_epoch(std::uint32_t) { return hsm::Status::not_supported; }

    // Is what the engine keeps still there? `key_wiped`. Needs no unlock().
    virtual Result<void> check_at_rest() { return {}; }
    // Makes everything that the engine keeps unreadable, durably, and locks it. Needs no unlock().
    virtual Result<void> wipe() { return hsm::Status::not_supported; }

    // HMAC-SHA-256 under the epoch's MAC key over the concatenation of `parts`.
    virtual Result<Digest> epoch_mac(std::uint32_t epoch, std::span<const ByteView> parts) = 0;

    // Makes a key pair, tests it pairwise (`signature_wrong`), seals it. An RSA pair takes long:
    // the first call begins it and answers `busy`, later calls with the same epoch and type answer
    // `busy` until it is there, and then the pair, once. One pair is made at a time: whoever asks
    // for another is answered `busy` too. It is lost with the next start and with unlock().
    virtual Result<void> generate_sealed(std::uint32_t epoch, KeyType type, SealedKey& out) = 0;

    // A slice of the pair under way, at most about one exponentiation long. True when there is more
    // to do at once; false when nothing is under way, or a thread of the engine's own is at it.
    virtual bool work() = 0;

    // Nobody will ask for the pair under way: it is wiped.
    virtual void drop_generation() = 0;

    // Unseals for this one signature, signs `hash` (whose length is the algorithm's digest's),
    // verifies the signature under `spki`, notes over which hash, destroys the unsealed key.
    // RSASSA-PKCS1-v1_5 (RFC 8017 §8.2, DigestInfo built here), RSASSA-PSS (MGF1 with the same
    // digest), ECDSA (DER). `algorithm_wrong` when scheme, digest or salt does not fit the key;
    // `signature_wrong` when the verification fails.
    virtual Result<void> sign_sealed(std::uint32_t epoch,
                                     KeyType type,
                                     ByteView wrapped,
                                     ByteView spki,
                                     const Algorithm& algorithm,
                                     ByteView hash,
                                     Signature& out) = 0;

    // ES256: strict DER (RFC 3279 Ecdsa-Sig-Value, minimal integers, 0 < r,s < n, nothing after)
    // by `point` over an SHA-256 digest. `signature_wrong` for everything else.
    virtual Result<void> verify_p256(const Point& point,
                                     const Digest& digest,
                                     ByteView der_signature) = 0;
};

}  // namespace firmware::engine

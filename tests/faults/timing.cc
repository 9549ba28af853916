#include "tests/faults/timing.h"

#include "firmware/ceremony/shamir.h"
#include "firmware/engine/digest.h"
#include "firmware/engine/psa/kwp.h"
#include "firmware/engine/psa/pkcs8.h"
#include "firmware/keystore/key_blob.h"
#include "tests/faults/world.h"

namespace tests::faults {
namespace {

namespace ceremony = firmware::ceremony;
namespace engine = firmware::engine;
namespace psa = firmware::engine::psa;
namespace wire = hsm::protocol;
using hsm::Byte;
using hsm::ByteView;
using hsm::Digest;

constexpr auto key_type = wire::KeyType::p256;

void draw(hsm::MutableBytes bytes) {
    CHECK(world().core.engine.random(bytes).has_value());
}

// A key blob, from its bytes to the private key in Mbed TLS.
std::array<Byte, psa::kek_size> kek;
std::array<Byte, 1024> blob_room;
ByteView blob;

void prepare_unseal() {
    draw(kek);
    psa::PrivateKey pkcs8;
    draw(pkcs8.storage().first(32));
    pkcs8.storage()[0] &= 0x7f;  // below the curve's order
    pkcs8.resize(32);
    CHECK(psa::enclose_pkcs8(key_type, pkcs8).has_value());
    std::array<Byte, 128> wrapped;
    const auto size = psa::kwp_wrap(kek, pkcs8.reveal(), wrapped);
    CHECK(size.has_value());
    wire::KeyHeader header;
    header.epoch = 1;
    header.version = 1;
    const ByteView spki[] = {world().key.spki};
    header.key_id = engine::sha256(spki);
    header.spki = world().key.spki;
    std::array<Byte, 256> policy;
    header.policy = encode_policy(world().signer.point(), policy);
    const auto sealed = firmware::keystore::seal_blob(
        world().core.engine, header, ByteView(wrapped).first(*size), blob_room);
    CHECK(sealed.has_value());
    blob = *sealed;
}

void unseal() {
    const auto verified = firmware::keystore::verify_blob(world().core.engine, 1, blob);
    CHECK(verified.has_value());
    psa::PrivateKey pkcs8;
    const auto size = psa::kwp_unwrap(kek, verified->wrapped, pkcs8.storage());
    CHECK(size.has_value());
    pkcs8.resize(*size);
    const auto scalar = psa::private_key_in(key_type, pkcs8.reveal());
    CHECK(scalar.has_value());
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH);
    CHECK(psa::KeyHandle::import(attributes, *scalar).has_value());
}

// Shares as they come out of HPKE, against what was given out, to the KEK's secret.
constexpr ceremony::ShareScheme scheme{3, 5};
std::array<wire::ShareBytes, scheme.threshold> share_bytes;
std::array<Digest, scheme.threshold> commitments;
wire::KekCheck kek_check;
wire::ShareSetId set_id;

void prepare_shares() {
    draw(set_id);
    wire::EpochSecret secret;
    draw(secret.storage());
    secret.resize(wire::epoch_secret_size);
    std::array<Byte, ceremony::coefficients_size(scheme)> coefficients;
    draw(coefficients);
    std::array<ceremony::Share, scheme.count> shares;
    CHECK(ceremony::split(secret, scheme, set_id, coefficients, shares).has_value());
    for (std::size_t i = 0; i < share_bytes.size(); ++i) {
        share_bytes[i] = wire::encode_share(shares[i], engine::sha256);
        commitments[i] = wire::share_commitment(share_bytes[i].reveal(), engine::sha256);
    }
    kek_check = wire::kek_check(set_id, secret, engine::sha256);
}

void check_shares() {
    std::array<ceremony::Share, scheme.threshold> shares;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        auto share = wire::decode_share(share_bytes[i].reveal(), engine::sha256);
        CHECK(share.has_value());
        CHECK(hsm::equal_constant_time(
            wire::share_commitment(share_bytes[i].reveal(), engine::sha256), commitments[i]));
        shares[i] = *std::move(share);
    }
    const auto secret = ceremony::combine(shares);
    CHECK(secret.has_value());
    CHECK(hsm::equal_constant_time(wire::kek_check(set_id, *secret, engine::sha256), kek_check));
}

TIMED(timed_unseal) = {"unseal", prepare_unseal, unseal};
TIMED(timed_share_check) = {"share check", prepare_shares, check_shares};

}  // namespace
}  // namespace tests::faults

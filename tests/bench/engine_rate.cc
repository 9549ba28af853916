#include "tests/bench/engine_rate.h"

#include "cloudsign/pki/certificate.h"
#include "firmware/engine/digest.h"
#include "hsm/softphone/authenticator.h"
#include "tests/bench/failure.h"
#include "tests/bench/usage.h"
#include "tests/support/generated_key.h"

namespace bench {
namespace {

constexpr std::size_t header_size = 300;

}  // namespace

EngineRate measure_engine(const EngineToken& token, hsm::protocol::KeyType type, unsigned count) {
    const auto engine = open_engine(token);
    firmware::engine::SealedKey key;
    need(tests::support::generate_key(*engine, first_epoch, type, key), "key");
    const auto algorithm = cloudsign::pki::default_algorithm(type);
    const std::vector<hsm::Byte> hash(hsm::protocol::digest_length(algorithm.digest), 0x5a);

    const auto passkey = hsm::softphone::Passkey::generate();
    const hsm::Digest challenge{1, 2, 3};
    const auto assertion =
        passkey.make_assertion(challenge, {"approve.localhost", "https://approve.localhost:8443"});
    const auto view = assertion.view();
    const auto client_data_hash =
        firmware::engine::sha256(std::array{hsm::ByteView(view.client_data_json)});
    const auto digest = firmware::engine::sha256(
        std::array{hsm::ByteView(view.authenticator_data), hsm::ByteView(client_data_hash)});

    EngineRate rate;
    const auto verify = [&] {
        need(engine->verify_p256(passkey.point(), digest, view.signature), "verify");
    };
    // Of a blob's size: the header with policy and public key, then the wrapped key.
    const std::vector<hsm::Byte> blob(header_size + key.spki.size() + key.wrapped.size(), 0xa5);
    firmware::engine::Signature signature;
    const auto sign = [&] {
        need(engine->epoch_mac(first_epoch, std::array{hsm::ByteView(blob)}), "MAC");
        need(engine->sign_sealed(
                 first_epoch, type, key.wrapped, key.spki, algorithm, hash, signature),
             "sign");
    };
    firmware::engine::DerSignature receipt;
    rate.bare_us = us_per_call(count, [&] {
        verify();
        sign();
    });
    rate.verify_us = us_per_call(count / 4 + 1, verify);
    rate.sign_us = us_per_call(count / 4 + 1, sign);
    rate.receipt_us = us_per_call(count / 4 + 1,
                                  [&] { need(engine->identity_sign(digest, receipt), "receipt"); });
    return rate;
}

}  // namespace bench

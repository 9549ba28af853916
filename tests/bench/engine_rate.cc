#include "tests/bench/engine_rate.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "board/host/softhsm/softhsm_engine.h"
#include "cloudsign/pki/certificate.h"
#include "firmware/engine/digest.h"
#include "firmware/engine/psa/initialize.h"
#include "hsm/softphone/authenticator.h"
#include "tests/bench/usage.h"

namespace bench {
namespace {

template <class T>
T need(hsm::Result<T> result, const char* what) {
    if (!result) {
        std::fprintf(stderr,
                     "kyso-bench: %s: %s\n",
                     what,
                     std::string(hsm::base::status_name(result.error())).c_str());
        std::exit(1);
    }
    return *std::move(result);
}

void need(const hsm::Result<void>& result, const char* what) {
    if (!result) {
        std::fprintf(stderr,
                     "kyso-bench: %s: %s\n",
                     what,
                     std::string(hsm::base::status_name(result.error())).c_str());
        std::exit(1);
    }
}

template <class Work>
double us_per_call(unsigned count, Work work) {
    const auto before = thread_cpu_us();
    for (unsigned i = 0; i < count; ++i) {
        work();
    }
    return static_cast<double>(thread_cpu_us() - before) / count;
}

}  // namespace

EngineRate measure_engine(const EngineToken& token, hsm::protocol::KeyType type, unsigned count) {
    need(firmware::engine::psa::initialize(), "Mbed TLS");
    board::host::softhsm::EngineConfig config;
    config.token.configuration = token.configuration.string();
    config.token.label = token.label;
    config.token.lock_file = token.lock.string();
    config.module_name = "bench";
    auto engine = need(board::host::softhsm::SoftHsmEngine::create(config), "token");
    std::ifstream in(token.pin_file);
    std::string pin;
    in >> pin;
    need(engine->unlock(hsm::view_of(pin)), "PIN");
    need(engine->join_epoch(1), "epoch");

    firmware::engine::SealedKey key;
    need(engine->generate_sealed(1, type, key), "key");
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
    firmware::engine::Signature signature;
    const auto sign = [&] {
        need(engine->sign_sealed(1, type, key.wrapped, key.spki, algorithm, hash, signature),
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

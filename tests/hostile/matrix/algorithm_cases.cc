#include "tests/hostile/matrix/matrix.h"

namespace tests::hostile {
namespace {

using wire::Algorithm;
using wire::DigestAlgorithm;
using wire::Scheme;

std::vector<Algorithm> all_algorithms() {
    std::vector<Algorithm> all;
    for (const auto scheme : {Scheme::none, Scheme::ecdsa, Scheme::rsa_pkcs1, Scheme::rsa_pss}) {
        for (const auto digest :
             {DigestAlgorithm::sha256, DigestAlgorithm::sha384, DigestAlgorithm::sha512}) {
            for (const std::uint8_t salt : {0, 1, 20, 31, 32, 33, 48, 64}) {
                all.push_back({scheme, digest, salt});
            }
        }
    }
    return all;
}

std::string name_of(const Algorithm& algorithm) {
    return "scheme " + std::to_string(static_cast<int>(algorithm.scheme)) + ", digest " +
           std::to_string(static_cast<int>(algorithm.digest)) + ", salt " +
           std::to_string(algorithm.salt_length);
}

bool fits(bool rsa, const Algorithm& algorithm) {
    switch (algorithm.scheme) {
        case Scheme::none:
            return false;
        case Scheme::ecdsa:
            return !rsa && algorithm.salt_length == 0;
        case Scheme::rsa_pkcs1:
            return rsa && algorithm.salt_length == 0;
        case Scheme::rsa_pss:
            return rsa && algorithm.salt_length == wire::digest_length(algorithm.digest);
    }
    return false;
}

// Approved for one algorithm, and handed in for another that the key can do as well: the phone's
// signature is over the challenge, and the challenge names the algorithm.
void approvals_of_another_algorithm(Matrix& matrix, const Holder& holder, bool rsa) {
    const auto& module = matrix.target.first.send;
    const auto hashes = support::some_hashes(1);
    const auto root = support::root_of(hashes, DigestAlgorithm::sha256);
    std::vector<std::pair<Algorithm, Activation>> opened;
    for (const auto& algorithm : all_algorithms()) {
        if (fits(rsa, algorithm)) {
            opened.emplace_back(
                algorithm,
                must(support::open_activation(
                         module, holder.blob, wire::Purpose::sign, algorithm, 1, root),
                     "open"));
        }
    }
    for (const auto& [approved, approved_activation] : opened) {
        const auto assertion =
            holder.keys[0].assertion(matrix.people.form(approved_activation.challenge));
        for (const auto& [used, used_activation] : opened) {
            if (used == approved) {
                continue;
            }
            Signing signing;
            signing.blob = holder.blob;
            signing.activation = used_activation;
            signing.hashes = hashes;
            signing.assertions = {assertion};
            matrix.refused(module,
                           "approved for " + name_of(approved) + ", used for " + name_of(used),
                           signing.request(),
                           {Status::assertion_client_data_wrong});
            signing.activation.mac = approved_activation.mac;
            matrix.refused(module,
                           "the same with the approved one's MAC",
                           signing.request(),
                           {Status::activation_mac_wrong});
        }
    }
}

void openings(Matrix& matrix, const Holder& holder, bool rsa) {
    for (const auto& algorithm : all_algorithms()) {
        if (fits(rsa, algorithm)) {
            continue;
        }
        const wire::OpenActivationRequest request{holder.blob,
                                                  wire::Purpose::sign,
                                                  algorithm,
                                                  1,
                                                  support::random_digest(),
                                                  support::random_digest(),
                                                  60'000};
        matrix.refused(matrix.target.first.send,
                       "open with " + name_of(algorithm),
                       request,
                       {Status::algorithm_wrong});
    }
}

}  // namespace

void algorithm_cases(Matrix& matrix) {
    const auto& module = matrix.target.first.send;
    const auto rsa = must(support::enrol(module, matrix.people, wire::KeyType::rsa2048), "enrol");

    openings(matrix, matrix.victim(), false);
    openings(matrix, rsa, true);
    approvals_of_another_algorithm(matrix, matrix.victim(), false);
    approvals_of_another_algorithm(matrix, rsa, true);

    for (const auto& algorithm : {Algorithm{Scheme::rsa_pkcs1, DigestAlgorithm::sha256, 0},
                                  Algorithm{Scheme::rsa_pss, DigestAlgorithm::sha384, 48}}) {
        const auto signing = matrix.approved(rsa, 1, algorithm);
        const auto digest = support::random_digest();
        auto request = signing.request();
        request.hash = algorithm.digest == DigestAlgorithm::sha256 ? ByteView(digest).first(31)
                                                                   : ByteView(digest);
        matrix.refused(module,
                       "a hash of another digest, " + name_of(algorithm),
                       request,
                       {Status::algorithm_wrong});
        matrix.signs(module, name_of(algorithm), signing.request());
    }
}

}  // namespace tests::hostile

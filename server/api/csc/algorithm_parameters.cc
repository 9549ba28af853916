#include "server/api/csc/algorithm_parameters.h"

#include <boost/json.hpp>

#include "cloudsign/base64.h"

namespace server::api::csc {

using hsm::protocol::Scheme;

Refusal wrong_parameter(std::string_view parameter) {
    return invalid("Invalid parameter " + std::string(parameter));
}

Checked<Algorithm> read_algorithm(const Parameters& parameters,
                                  const std::string& sign_algo,
                                  std::string_view hash_algo_name) {
    const auto named = cloudsign::csc::sign_algorithm_named(sign_algo);
    if (!named) {
        return wrong_parameter("signAlgo");
    }
    Algorithm algorithm;
    algorithm.scheme = named->scheme;
    const auto* hash_value = parameters.find(hash_algo_name);
    const bool has_hash_algo = hash_value != nullptr && !hash_value->is_null();
    if (has_hash_algo && !hash_value->is_string()) {
        return invalid("Missing (or invalid type) string parameter " + std::string(hash_algo_name));
    }
    auto digest = named->digest;
    if (has_hash_algo) {
        const auto given = cloudsign::csc::digest_named(std::string(hash_value->get_string()));
        if (!given || (digest && digest != given)) {
            return wrong_parameter(hash_algo_name);
        }
        digest = given;
    }
    if (named->scheme == Scheme::rsa_pss) {
        TRY_ASSIGN(auto text, parameters.required_string("signAlgoParams"));
        const auto der = cloudsign::from_base64(text);
        const auto pss = der ? cloudsign::csc::read_pss_parameters(*der) : std::nullopt;
        if (!pss || (digest && digest != pss->digest)) {
            return wrong_parameter("signAlgoParams");
        }
        digest = pss->digest;
        algorithm.salt_length = pss->salt_length;
    }
    // Not needed by the others, but what comes must be what it says it is.
    const auto* needless = parameters.find("signAlgoParams");
    if (named->scheme != Scheme::rsa_pss && needless != nullptr && !needless->is_null()) {
        if (!needless->is_string()) {
            return invalid("Missing (or invalid type) string parameter signAlgoParams");
        }
        if (!cloudsign::from_base64(needless->get_string())) {
            return wrong_parameter("signAlgoParams");
        }
    }
    if (!digest) {
        return invalid("Missing (or invalid type) string parameter " + std::string(hash_algo_name));
    }
    algorithm.digest = *digest;
    return algorithm;
}

}  // namespace server::api::csc

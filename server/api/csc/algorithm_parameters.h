#pragma once

#include "cloudsign/csc/algorithms.h"
#include "server/api/csc/parameters.h"

namespace server::api::csc {

using hsm::protocol::Algorithm;
using hsm::protocol::DigestAlgorithm;

Refusal wrong_parameter(std::string_view name);

// signAlgo, the hash algorithm and signAlgoParams, as far as the version has them, to the one
// algorithm that the signer approves. A redundant hash algorithm is ignored, a contradicting one is
// refused.
Checked<Algorithm> read_algorithm(const Parameters& parameters,
                                  const std::string& sign_algo,
                                  std::string_view hash_algo_name);

}  // namespace server::api::csc

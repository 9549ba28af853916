#pragma once

#include <psa/crypto.h>

#include "hsm/protocol/types.h"

namespace firmware::engine::psa {

// PSA's word for a pair that algorithm_fits().
psa_algorithm_t psa_algorithm(const hsm::protocol::Algorithm& algorithm);

psa_key_type_t psa_key_pair_type(hsm::protocol::KeyType type);

}  // namespace firmware::engine::psa

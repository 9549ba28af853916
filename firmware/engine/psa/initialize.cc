#include "firmware/engine/psa/initialize.h"

#include <psa/crypto.h>

#include "firmware/engine/psa/noise_source.h"
#include "firmware/engine/psa/status_map.h"

namespace firmware::engine::psa {

hsm::Result<void> initialize() {
    return checked(psa_crypto_init());
}

hsm::Result<void> initialize(selftest::TestedNoise& noise) {
    TRY(noise.start());
    use_noise(noise);
    return initialize();
}

}  // namespace firmware::engine::psa

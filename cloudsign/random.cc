#include "cloudsign/random.h"

#include <limits>

#include <openssl/rand.h>

namespace cloudsign {

void fill_random(hsm::MutableBytes bytes) {
    CHECK(bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
    CHECK(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
}

hsm::Digest random_32() {
    hsm::Digest bytes;
    fill_random(bytes);
    return bytes;
}

}  // namespace cloudsign

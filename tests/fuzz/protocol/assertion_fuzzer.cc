#include "hsm/protocol/activation.h"
#include "tests/fuzz/protocol/same_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    using namespace hsm::protocol;
    const hsm::ByteView bytes(input, size);
    const auto assertion = decode_assertion(bytes);
    if (!assertion) {
        CHECK(assertion.error() == hsm::Status::assertion_malformed);
        return 0;
    }
    fuzz::check_same(encode_assertion(*assertion, fuzz::buffer), bytes);
    CHECK(size <= assertion_size_max);
    return 0;
}

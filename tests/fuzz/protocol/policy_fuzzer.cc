#include "hsm/protocol/key_blob.h"
#include "hsm/protocol/statement.h"
#include "tests/fuzz/protocol/same_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    using namespace hsm::protocol;
    const hsm::ByteView bytes(input, size);
    fuzz::check_map<Policy>(bytes);
    fuzz::check_map<KeyHeader>(bytes);
    fuzz::check_tagged<GroupConfiguration>(bytes);
    return 0;
}

#include "hsm/protocol/key_blob.h"
#include "tests/fuzz/protocol/same_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    using namespace hsm::protocol;
    const hsm::ByteView bytes(input, size);
    const auto blob = decode_blob(bytes);
    if (!blob) {
        CHECK(blob.error() == hsm::Status::blob_malformed);
        return 0;
    }
    fuzz::check_same(encode(blob->header, fuzz::buffer), blob->header_bytes);

    const auto authenticated =
        encode_blob_authenticated(blob->header_bytes, blob->wrapped, fuzz::buffer);
    fuzz::check_same(authenticated, blob->authenticated);
    CHECK(bytes[0] == 0x83);
    fuzz::check_same(encode_blob_finish(authenticated->size(), blob->mac, fuzz::buffer), bytes);
    return 0;
}
